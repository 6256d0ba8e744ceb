package io.cria.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.task.CriaException;
import io.cria.task.TrainingExample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainingFileTest {
  @TempDir Path folder;

  /** Quotes may be single ones. */
  private List<TrainingExample> read(String text) throws IOException {
    Path file = Files.writeString(folder.resolve("file.jsonl"), text.replace('\'', '"'));
    List<TrainingExample> examples = new ArrayList<>();
    TrainingFile.read(file, examples::add);
    return examples;
  }

  private static List<String> turns(TrainingExample example) {
    return example.conversation().messages().stream()
        .map(message -> message.get("role") + ": " + message.get("content"))
        .toList();
  }

  @Test
  void aByteOrderMarkIsNoRecord() throws IOException {
    String record = "{'instruction': 'A', 'output': 'B'}";
    assertThat(read("\ufeff" + record)).isEqualTo(read(record)).hasSize(1);
    assertThat(read("\ufeff[" + record + "]")).isEqualTo(read(record));
  }

  @Test
  void chatsKeepWhatTemplatesRead() throws IOException {
    List<TrainingExample> examples =
        read(
            """
            {"messages": [{"role": "system", "content": "S"}, {"role": "user", "content": "A"},
              {"role": "assistant", "content": null, "reasoning_content": "R", "tool_calls": [
                {"type": "function", "function": {"name": "f", "arguments": "{\\"x\\": 1}"}}]},
              {"role": "tool", "content": "7"}, {"role": "assistant", "content": "B"}],
             "tools": [{"type": "function", "function": {"name": "f"}}]}
            {"messages": [{"role": "user", "content": "A"}, {"role": "assistant", "content": "B"}]}
            """);
    TrainingExample first = examples.get(0);
    assertThat(first.instruction()).isEqualTo("A");
    assertThat(first.singleTask()).isFalse();
    assertThat(first.conversation().tools())
        .containsExactly(Map.of("type", "function", "function", Map.of("name", "f")));
    Map<String, Object> call = first.conversation().messages().get(2);
    assertThat(call).containsEntry("reasoning_content", "R").containsEntry("content", null);
    assertThat(call.get("tool_calls"))
        .isEqualTo(
            List.of(
                Map.of(
                    "type",
                    "function",
                    "function",
                    Map.of("name", "f", "arguments", Map.of("x", 1)))));
    assertThat(examples.get(1)).isEqualTo(TrainingExample.task("A", "", "B"));
  }

  @Test
  void argumentsThatAreTheTextOfNoObjectStay() throws IOException {
    for (String text : List.of("123 main street", "5", "", "{", "[1]")) {
      Object calls =
          read("{'messages': [{'role': 'assistant', 'tool_calls': [{'name': 'f', 'arguments': '"
                  + text
                  + "'}]}]}")
              .get(0)
              .conversation()
              .messages()
              .get(0)
              .get("tool_calls");
      assertThat(calls).isEqualTo(List.of(Map.of("name", "f", "arguments", text)));
    }
  }

  @Test
  void whatIsOnlyReadIsSaidByWeightOrByStandingInThePrompt() throws IOException {
    assertThat(
            read("{'messages': [{'role': 'user', 'content': 'A'}, {'role': 'assistant',"
                    + " 'content': 'B', 'weight': 0}, {'role': 'assistant', 'content': 'C'}]}")
                .get(0)
                .conversation()
                .context())
        .containsExactly(1);
    assertThat(
            read("{'prompt': [{'role': 'user', 'content': 'A'}, {'role': 'assistant', 'content':"
                    + " 'B'}, {'role': 'user', 'content': 'C'}], 'completion': [{'role':"
                    + " 'assistant', 'content': 'D'}]}")
                .get(0)
                .conversation()
                .context())
        .containsExactly(1);
  }

  @Test
  void pairsAreTextsOrMessages() throws IOException {
    TrainingExample texts = read("{'prompt': 'A? ', 'completion': ' B'}").get(0);
    assertThat(turns(texts)).containsExactly("user: A?", "assistant: B");
    assertThat(texts.prompt() + "|" + texts.completion()).isEqualTo("A? | B");
    TrainingExample messages =
        read("{'prompt': [{'role': 'user', 'content': 'A'}], 'completion': [{'role':"
                + " 'assistant', 'content': 'B'}]}")
            .get(0);
    assertThat(messages).isEqualTo(TrainingExample.task("A", "", "B"));
  }

  @Test
  void shareGptsSpeakersHaveTheirRoles() throws IOException {
    TrainingExample chat =
        read("{'system': 'S', 'conversations': [{'from': 'human', 'value': 'A'}, {'from': 'gpt',"
                + " 'value': 'B'}, {'from': 'observation', 'value': '7'}, {'from': 'gpt',"
                + " 'value': 'C'}]}")
            .get(0);
    assertThat(turns(chat))
        .containsExactly("system: S", "user: A", "assistant: B", "tool: 7", "assistant: C");
    Map<String, Object> call =
        read("""
                {"conversations": [{"from": "human", "value": "A"}, {"from": "function_call",
                  "value": "{\\"name\\": \\"f\\", \\"arguments\\": {\\"x\\": 1}}"}], "tools": "[{\\"name\\": \\"f\\"}]"}
                """)
            .get(0)
            .conversation()
            .messages()
            .get(1);
    assertThat(call)
        .containsEntry(
            "tool_calls",
            List.of(
                Map.of(
                    "type",
                    "function",
                    "function",
                    Map.of("name", "f", "arguments", Map.of("x", 1)))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      quoteCharacter = '~',
      value = {
        "{'text': 'a'} # this record is of no known form: give objects with instruction, input and"
            + " output; messages; prompt and completion; conversations",
        "{'messages': []} # the messages are no list with something in it",
        "{'messages': [{'content': 'a'}]} # message 1 has no role",
        "{'prompt': 'a'} # the key \"completion\" is missing",
        "{'prompt': ' ', 'completion': 'a'} # the prompt is empty",
        "{'conversations': [{'from': 'me', 'value': 'a'}]} # a turn is from 'me'",
        "{'conversations': [{'from': 'human', 'value': 3}]} # a turn is from 'human' and has no text",
        "{'messages': [{'role': 'user', 'content': 'x'}], 'tools': '{'} # the tools are no JSON",
        "{'messages': [{'role': 'user', 'content': 'x'}], 'tools': {}} # the tools are no list",
      })
  void aBadRecordIsNamedByFileAndLine(String record, String message) {
    String good =
        record.contains("messages") ? "{'messages': [{'role': 'user', 'content': 'x'}]}\n" : "";
    assertThatThrownBy(() -> read(good + record))
        .isInstanceOf(CriaException.class)
        .hasMessageStartingWith(
            folder.resolve("file.jsonl") + (good.isEmpty() ? ":1: " : ":2: ") + message.strip())
        .hasMessageNotContaining("\n");
  }

  @Test
  void recordsOfAnotherFormThanTheFirstAreRefused() {
    assertThatThrownBy(
            () ->
                read(
                    "{'instruction': 'A', 'output': 'B'}\n"
                        + "{'messages': [{'role': 'user', 'content': 'x'}]}"))
        .hasMessageContaining(
            ":2: this record is of another form than the first, which has instruction,");
  }
}
