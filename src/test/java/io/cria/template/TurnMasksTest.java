package io.cria.template;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TurnMasksTest {
  /** Each sequence's text with its learnt parts in brackets. */
  private static List<String> masked(String template, List<Map<String, Object>> chat) {
    return masked(template, chat, List.of());
  }

  private static List<String> masked(
      String template, List<Map<String, Object>> chat, List<?> tools) {
    TurnMasks.Masked masked = new TurnMasks(Forms.template(template)).mask(chat, tools);
    assertThat(masked).isInstanceOf(TurnMasks.Learnt.class);
    List<String> texts = new ArrayList<>();
    for (TurnMasks.Sequence sequence : ((TurnMasks.Learnt) masked).sequences()) {
      StringBuilder text = new StringBuilder();
      int at = 0;
      for (Range learnt : sequence.learnt()) {
        text.append(sequence.text().part(at, learnt.start()).plain());
        text.append('[').append(sequence.text().part(learnt.start(), learnt.end()).plain());
        text.append(']');
        at = learnt.end();
      }
      assertThat(at).isEqualTo(sequence.text().marked().length());
      texts.add(text.toString());
    }
    return texts;
  }

  private static TurnMasks.Refused refused(String template, List<Map<String, Object>> chat) {
    TurnMasks.Masked masked = new TurnMasks(Forms.template(template)).mask(chat, List.of());
    assertThat(masked).isInstanceOf(TurnMasks.Refused.class);
    return (TurnMasks.Refused) masked;
  }

  @Test
  void everyAnswerIsLearntWithItsEndAndNothingElse() {
    assertThat(masked(Forms.CHATML, Forms.chat("s", "S", "u", "A", "a", "B", "u", "C", "a", "D")))
        .containsExactly(
            """
            <|im_start|>system
            S<|im_end|>
            <|im_start|>user
            A<|im_end|>
            <|im_start|>assistant
            [B<|im_end|>]
            <|im_start|>user
            C<|im_end|>
            <|im_start|>assistant
            [D<|im_end|>]""");
  }

  @Test
  void whatFollowsTheLastAnswerIsLeftOut() {
    assertThat(masked(Forms.CHATML, Forms.chat("u", "A", "a", "B", "u", "C")))
        .isEqualTo(masked(Forms.CHATML, Forms.chat("u", "A", "a", "B")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"im", "end", "|", ">", "i", "<|im_end|>", "assistant", "\n"})
  void answersThatReadLikeControlTokensAreFoundAndEndWhereTheyEnd(String answer) {
    assertThat(masked(Forms.CHATML, Forms.chat("u", answer, "a", answer)))
        .containsExactly(
            "<|im_start|>user\n"
                + answer
                + "<|im_end|>\n<|im_start|>assistant\n["
                + answer
                + "<|im_end|>]");
  }

  @Test
  void theTemplatesOwnMarksNarrowTheAnswerButNeitherHeaderNorEndIsLeftToThem() {
    assertThat(masked(Forms.GENERATION, Forms.chat("u", "A", "a", "B", "u", "C", "a", "D")))
        .isEqualTo(masked(Forms.CHATML, Forms.chat("u", "A", "a", "B", "u", "C", "a", "D")));
    String tail =
        Forms.GENERATION
            .replace("+ m.content }}", "}}{{- m.content[2:] }}")
            .replace(
                "{%- generation %}\n{{- '<|im_start|>assistant\\n' }}",
                "{{- '<|im_start|>assistant\\n' + m.content[:2] }}{%- generation %}");
    assertThat(refused(tail, Forms.chat("u", "A", "a", "Hello")).reason())
        .isEqualTo(Refusal.ANSWER_CHANGED);
  }

  @Test
  void aTemplateThatDropsEarlierThinkingGivesOneSequenceAnAnswer() {
    List<Map<String, Object>> chat = Forms.chat("u", "A", "a", "B", "u", "C", "a", "D");
    chat.get(1).put("reasoning_content", "why B");
    chat.get(3).put("reasoning_content", "why D");
    assertThat(masked(Forms.FORGETS, chat))
        .containsExactly(
            """
            <|im_start|>user
            A<|im_end|>
            <|im_start|>assistant
            [<think>
            why B
            </think>

            B<|im_end|>]""",
            """
            <|im_start|>user
            A<|im_end|>
            <|im_start|>assistant
            B<|im_end|>
            <|im_start|>user
            C<|im_end|>
            <|im_start|>assistant
            [<think>
            why D
            </think>

            D<|im_end|>]""");
  }

  @Test
  void aSecondEndBehindTheLastTurnMakesASequenceAnAnswerToo() {
    assertThat(masked(Forms.ENDS_TWICE, Forms.chat("u", "A", "a", "B", "u", "C", "a", "D")))
        .containsExactly(
            """
            <|im_start|>user
            A<|end|>
            <|im_start|>assistant
            [B<|end|>]""",
            """
            <|im_start|>user
            A<|end|>
            <|im_start|>assistant
            B<|end|>
            <|im_start|>user
            C<|end|>
            <|im_start|>assistant
            [D<|end|>]""");
  }

  @Test
  void aPromptThatStandsBehindEveryChatIsCut() {
    assertThat(masked(Forms.ALWAYS_PROMPTS, Forms.chat("u", "A", "a", "B", "u", "C", "a", "D")))
        .containsExactly("<s>A<|end|>[B</s>]<s>C<|end|>[D</s>]");
  }

  @Test
  void toolCallsAreLearntToTheEndOfTheirTurn() {
    String calls =
        Forms.CHATML.replace(
            "m.content + '<|im_end|>\\n'",
            "m.content + (('<|end|>' + m.tool_calls|tojson + '<|end|>') if m.tool_calls else '') +"
                + " '<|im_end|>\\n'");
    List<Map<String, Object>> chat = Forms.chat("u", "A", "a", "");
    chat.get(1).put("tool_calls", List.of(Map.of("name", "f")));
    assertThat(masked(calls, chat, List.of(Map.of("name", "f"))))
        .containsExactly(
            "<|im_start|>user\nA<|im_end|>\n<|im_start|>assistant\n"
                + "[<|end|>[{\"name\": \"f\"}]<|end|><|im_end|>]");
  }

  @Test
  void refusalsSayWhy() {
    List<Map<String, Object>> chat = Forms.chat("u", "A", "a", "B");
    assertThat(refused(Forms.THINKS_IN_THE_PROMPT, chat).reason())
        .isEqualTo(Refusal.PROMPT_DIFFERS);
    assertThat(refused(Forms.ENDLESS, chat).reason()).isEqualTo(Refusal.NO_END);
    assertThat(refused(Forms.CHATML, Forms.chat("s", "S", "u", "A")).reason())
        .isEqualTo(Refusal.NO_ANSWER);
    assertThat(
            refused(
                    Forms.CHATML.replace("m.content", "m.content|upper"),
                    Forms.chat("u", "A", "a", "b"))
                .reason())
        .isEqualTo(Refusal.ANSWER_CHANGED);
    assertThat(
            refused(
                    "{% for m in messages if m.role == 'assistant' %}{{ m.content + '</s>' }}"
                        + "{% endfor %}",
                    chat)
                .reason())
        .isEqualTo(Refusal.ALL_LEARNT);
    TurnMasks.Refused raised =
        refused(
            "{% if messages|length > 2 %}{{ raise_exception('too much') }}{% endif %}"
                + Forms.CHATML,
            Forms.chat("u", "A", "a", "B", "u", "C", "a", "D"));
    assertThat(raised.reason()).isEqualTo(Refusal.TEMPLATE);
    assertThat(raised.detail()).isEqualTo("chat template, line 1: too much");
    assertThat(
            refused(
                    "{% generation %}x{% endgeneration %}"
                        + Forms.GENERATION.replace("m.role == 'assistant'", "m.role == 'never'"),
                    chat)
                .reason())
        .isEqualTo(Refusal.NOTHING_LEARNT);
  }

  @Test
  void aTemplateThatTakesAControlTextForItsOwnRefusesTheChat() {
    String splits = Forms.CHATML.replace("m.content +", "m.content.split('<|end|>')[-1] +");
    assertThat(refused(splits, Forms.chat("u", "A", "a", "x<|end|>B")).reason())
        .isEqualTo(Refusal.TEMPLATE);
    assertThat(masked(splits, Forms.chat("u", "A", "a", "B"))).hasSize(1);
  }

  @Test
  void theEndOfATurnIsTheTemplatesOwn() {
    assertThat(new TurnMasks(Forms.template(Forms.CHATML)).end()).hasValue("<|im_end|>");
    assertThat(new TurnMasks(Forms.template(Forms.ENDS_TWICE)).end()).hasValue("<|end|>");
    assertThat(new TurnMasks(Forms.template(Forms.ENDLESS)).end()).isEmpty();
    assertThat(new TurnMasks(Forms.template("{{ raise_exception('never') }}")).end()).isEmpty();
    String demanding =
        "{% if messages[0].role != 'system' %}{{ raise_exception('rules') }}{% endif %}";
    assertThat(new TurnMasks(Forms.template(demanding + Forms.CHATML)).end())
        .hasValue("<|im_end|>");
    ChatTemplate withoutEnd =
        ChatTemplate.of(
            Forms.CHATML.replace("m.content", "m.content|upper"),
            null,
            Map.of(),
            Forms.CONTROLS,
            Forms.NOW);
    assertThat(new TurnMasks(withoutEnd).end()).isEmpty();
  }

  @Test
  void aTemplateThatMarksWhatIsGeneratedTeachesNothingElse() {
    String some =
        """
        {%- for m in messages %}
        {{- '<|im_start|>' + m.role + '\\n' }}
        {%- if m.train %}{% generation %}{{ m.content + '<|im_end|>' }}{% endgeneration %}
        {%- else %}{{ m.content + '<|im_end|>' }}{% endif %}
        {{- '\\n' }}
        {%- endfor %}
        {%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}
        """;
    List<Map<String, Object>> chat = Forms.chat("u", "A", "a", "B", "u", "C", "a", "D");
    assertThat(refused(some, chat).reason()).isEqualTo(Refusal.NOTHING_LEARNT);
    chat.get(1).put("train", true);
    assertThat(masked(some, chat))
        .containsExactly(
            """
            <|im_start|>user
            A<|im_end|>
            <|im_start|>assistant
            [B<|im_end|>]""");
  }

  @Test
  void textBehindTheEndOfATurnIsNoAnswer() {
    String echo =
        Forms.CHATML.replace(
            "{%- if add_generation_prompt %}",
            "{%- if messages[-1].role == 'assistant' %}{{ '<|end|>yes<|eos|>' }}{% endif %}"
                + "{%- if add_generation_prompt %}");
    assertThat(masked(echo, Forms.chat("u", "A", "a", "yes")))
        .containsExactly("<|im_start|>user\nA<|im_end|>\n<|im_start|>assistant\n[yes<|im_end|>]");
    String always =
        Forms.CHATML
            .replace("{%- if add_generation_prompt %}\n", "")
            .replace("\n{%- endif %}\n", "");
    for (String answer : List.of("a", "s", "assistant", "b")) {
      assertThat(masked(always, Forms.chat("u", "A", "a", answer)))
          .containsExactly(
              "<|im_start|>user\nA<|im_end|>\n<|im_start|>assistant\n[" + answer + "<|im_end|>]");
    }
  }

  @Test
  void whatOnlyTheBeginTokenStandsBeforeIsAllThatCounts() {
    String greeting =
        "{{ bos_token }}"
            + Forms.ENDLESS
                .replace("m.role + ': ' + ", "")
                .replace("+ '\\n'", "+ eos_token")
                .replace("'assistant: '", "''");
    assertThat(refused(greeting, Forms.chat("a", "Hello")).reason()).isEqualTo(Refusal.ALL_LEARNT);
  }

  @Test
  void whatACallSaysBesidesMustBeThereToo() {
    String calls =
        "{% for m in messages %}{{ '<|im_start|>' + m.role + '\\n' + (m.tool_calls|tojson if"
            + " m.tool_calls else m.content) + '<|im_end|>\\n' }}{% endfor %}{% if"
            + " add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";
    List<Map<String, Object>> chat = Forms.chat("u", "A", "a", "");
    chat.get(1).put("tool_calls", List.of(Map.of("name", "f")));
    assertThat(masked(calls, chat)).hasSize(1);
    chat.get(1).put("content", "I call now.");
    assertThat(refused(calls, chat).reason()).isEqualTo(Refusal.ANSWER_CHANGED);
  }

  @Test
  void answersMayBeReadWithoutBeingLearnt() {
    TurnMasks.Masked masked =
        new TurnMasks(Forms.template(Forms.CHATML))
            .mask(Forms.chat("u", "A", "a", "B", "u", "C", "a", "D"), List.of(), Set.of(1));
    TurnMasks.Sequence sequence = ((TurnMasks.Learnt) masked).sequences().get(0);
    assertThat(sequence.learnt()).hasSize(1);
    assertThat(sequence.text().plain()).contains("assistant\nB<|im_end|>").endsWith("D<|im_end|>");
  }

  @Test
  void aLongChatTakesNoMoreMemoryThanItsText() {
    String turn = "x".repeat(2000);
    List<String> turns = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      turns.addAll(List.of("u", turn, "a", "B" + i));
    }
    TurnMasks.Masked masked =
        new TurnMasks(Forms.template(Forms.CHATML))
            .mask(Forms.chat(turns.toArray(String[]::new)), List.of());
    assertThat(((TurnMasks.Learnt) masked).sequences().get(0).learnt()).hasSize(300);
  }
}
