package io.cria.llm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The forms in which servers give a text, its end and its tokens. */
class AnswerFormsTest {
  private final AnswerClassifier chat = new AnswerClassifier(Dialect.CHAT);
  private final AnswerClassifier completions = new AnswerClassifier(Dialect.COMPLETIONS);

  @Test
  void textUsageModelAndIdAreRead() {
    AnswerClassifier.Answer answer =
        completions.classify(
            200,
            """
            {"id":"i","model":"m-2","choices":[{"text":" t ","finish_reason":"stop"}],
             "usage":{"prompt_tokens":5,"completion_tokens":7,"prompt_tokens_details":{"cached_tokens":3}}}
            """,
            99);
    assertThat(answer)
        .isEqualTo(
            new AnswerClassifier.Answer(
                Outcome.OK,
                200,
                " t ",
                "stop",
                new Usage(5, 3, 7, false),
                "m-2",
                "i",
                null,
                false,
                false));
  }

  @Test
  void missingUsageIsEstimatedAndMarked() {
    AnswerClassifier.Answer answer =
        completions.classify(200, "{\"choices\":[{\"text\":\"12345\"}]}", 9);
    assertThat(answer.usage()).isEqualTo(new Usage(3, 0, 2, true));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"choices\":[{\"message\":{\"content\":\"a\"}}],\"error\":null}",
        "{\"choices\":[{\"message\":{\"content\":\"a\"}}],\"error\":{\"message\":\"\",\"code\":null}}",
        "{\"choices\":[{\"message\":{\"content\":\"a\"},\"error\":null}],\"detail\":null}",
        "\uFEFF \n{\"choices\":[{\"message\":{\"content\":\"a\"}}]}",
        "[{\"choices\":[{\"message\":{\"content\":\"a\"}}]}]",
        "{\"choices\":[{\"text\":\"a\"}]}",
        "{\"choices\":[{\"message\":{\"content\":{\"type\":\"text\",\"text\":\"a\"}}}]}",
        "{\"choices\":[{\"message\":{\"content\":[{\"type\":\"output_text\",\"text\":\"a\"}]}}]}",
        "{\"choices\":[{\"message\":{\"content\":[\"a\"]}}]}",
        "{\"choices\":[{\"message\":{\"content\":[{\"text\":\"a\"},{\"type\":\"image_url\"}]}}]}",
        "{\"choices\":[{\"message\":{\"content\":\"a\",\"refusal\":\"\"}}]}",
        "{\"choices\":[{\"message\":{\"content\":\"a\",\"reasoning\":\"hm\"}}]}",
        "{\"choices\":[{\"message\":{\"content\":\"a\"},\"logprobs\":[NaN,-Infinity]}]}",
        "{\"choices\":[{\"message\":{\"content\":\"a\"},\"finish_reason\":{\"type\":\"stop\"}}]}",
        "{\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}]}",
        "{\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n{\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}",
        "data: {\"choices\":[{\"text\":\"a\"}]}\r\n\r\ndata: [DONE]\r\n\r\n"
      })
  void theAnswerIsFoundInAllItsForms(String body) {
    assertThat(chat.classify(200, body, 0))
        .extracting(AnswerClassifier.Answer::outcome, AnswerClassifier.Answer::text)
        .containsExactly(Outcome.OK, "a");
    assertThat(completions.classify(200, body, 0).text()).isEqualTo("a");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"content":"","reasoning_content":"hm"}                            | stop   | empty
          {"content":" \\n","reasoning":"hm"}                                 | stop   | empty
          {"content":null,"reasoning_content":"hm"}                          | stop   | empty
          {"content":null,"reasoning_content":"hm"}                          | length | empty
          {"content":[{"type":"thinking","thinking":"hm"}]}                  | stop   | empty
          {"content":[{"type":"reasoning","summary":[{"text":"hm"}]}]}       | stop   | empty
          {"content":""}                                                     | stop   | ok
          {"content":"","reasoning_content":""}                              | stop   | ok
          {"content":""}                                                     | length | terminal-paid
          {"content":[{"type":"refusal","refusal":"no"}]}                    | stop   | refused
          {"content":"I cannot","refusal":"no"}                              | stop   | refused
          {"content":"no"}                                                   | refusal | refused
          {"content":"","reasoning_content":"hm"}                            | content_filter | terminal-paid
          {"content":"a"}                                                    | SAFETY | terminal-paid
          {"content":"a"}                                                    | MAX_TOKENS | terminal-paid
          {"content":"a"}                                                    | odd_word | terminal-paid
          {"content":"a"}                                                    | error  | retry-transient
          {"content":"a"}                                                    | abort  | retry-transient
          {"content":[]}                                                     | stop   | bad-paid
          {"content":[{"type":"image_url"}]}                                 | stop   | bad-paid
          {"content":null,"tool_calls":[{"id":"x"}]}                         | tool_calls | terminal-paid
          """)
  void whatAMessageHoldsAndHowItEndedTellTheOutcome(String message, String finish, String outcome) {
    AnswerClassifier.Answer answer =
        chat.classify(
            200,
            "{\"choices\":[{\"message\":" + message + ",\"finish_reason\":\"" + finish + "\"}]}",
            0);
    assertThat(answer.outcome().word()).isEqualTo(outcome);
    assertThat(answer.finishReason()).as("the server's own word").isEqualTo(finish);
    assertThat(answer.text() == null).isEqualTo(!answer.outcome().isTerminal());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"prompt_tokens":4,"completion_tokens":0}                                          | retry-transient
          {"prompt_tokens":4,"completion_tokens":5}                                          | bad-paid
          {"prompt_tokens":4,"completion_tokens":5,"completion_tokens_details":{"reasoning_tokens":5}} | empty
          {"prompt_tokens":null,"completion_tokens":null}                                    | bad-paid
          """)
  void ofANullTextTheTokensTellWhetherItWasPaid(String usage, String outcome) {
    assertThat(
            chat.classify(
                    200,
                    "{\"choices\":[{\"message\":{\"content\":null},\"finish_reason\":\"stop\"}],\"usage\":"
                        + usage
                        + "}",
                    0)
                .outcome()
                .word())
        .isEqualTo(outcome);
  }

  @Test
  void aBlankTextOfAServerThatReadNothingIsNoAnswer() {
    String blank =
        "{\"choices\":[{\"message\":{\"content\":\"\"},\"finish_reason\":\"stop\"}],\"usage\":";
    String nothing = blank + "{\"prompt_tokens\":0,\"completion_tokens\":0}}";
    String read = blank + "{\"prompt_tokens\":4,\"completion_tokens\":0}}";
    assertThat(chat.classify(200, nothing, 9).outcome()).isEqualTo(Outcome.RETRY_TRANSIENT);
    assertThat(chat.classify(200, read, 9).outcome()).isEqualTo(Outcome.OK);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"prompt_tokens":null,"completion_tokens":null}         | 3 | 0 | 2 | true
          {}                                                      | 3 | 0 | 2 | true
          {"prompt_tokens":7}                                     | 7 | 0 | 2 | true
          {"prompt_tokens":7,"completion_tokens":null}            | 7 | 0 | 2 | true
          {"prompt_tokens":"7","completion_tokens":"8"}           | 7 | 0 | 8 | false
          {"prompt_tokens":7.0,"completion_tokens":8.0}           | 7 | 0 | 8 | false
          {"prompt_tokens":"many","completion_tokens":-1}         | 3 | 0 | 2 | true
          {"prompt_tokens":0,"completion_tokens":0}               | 3 | 0 | 2 | true
          {"prompt_tokens":7,"total_tokens":15}                   | 7 | 0 | 8 | false
          {"input_tokens":7,"output_tokens":8,"input_tokens_details":{"cached_tokens":5}} | 7 | 5 | 8 | false
          {"prompt_tokens":7,"completion_tokens":8,"prompt_tokens_details":{"cached_tokens":null}} | 7 | 0 | 8 | false
          {"prompt_tokens":7,"completion_tokens":8,"prompt_tokens_details":{"cached_tokens":3}} | 7 | 3 | 8 | false
          {"prompt_tokens":7,"completion_tokens":8,"prompt_cache_hit_tokens":4} | 7 | 4 | 8 | false
          """)
  void usageIsReadInItsFormsAndEstimatedWhereItIsNotTold(
      String usage, int prompt, int cached, int completion, boolean estimated) {
    assertThat(
            completions
                .classify(200, "{\"choices\":[{\"text\":\"12345\"}],\"usage\":" + usage + "}", 9)
                .usage())
        .isEqualTo(new Usage(prompt, cached, completion, estimated));
  }

  @Test
  void whatWasBegunAndBrokeOffIsSuspectedToBeBilled() {
    AnswerClassifier.Answer cut =
        chat.classify(200, "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n", 0);
    assertThat(cut.outcome()).isEqualTo(Outcome.RETRY_TRANSIENT);
    assertThat(cut.suspectedPaid()).isTrue();
    assertThat(cut.error()).isEqualTo("the stream of the answer broke off");
    AnswerClassifier.Answer told =
        chat.classify(
            200,
            "{\"choices\":[{\"message\":{\"content\":\"a\"},\"finish_reason\":\"error\"}],"
                + "\"usage\":{\"prompt_tokens\":2,\"completion_tokens\":1}}",
            0);
    assertThat(told.suspectedPaid()).as("the server told what it billed").isFalse();
    assertThat(told.usage()).isEqualTo(new Usage(2, 0, 1, false));
  }
}
