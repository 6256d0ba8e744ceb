package io.cria.llm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventStreamTest {
  private static final String STREAM =
      """
      : keep-alive

      data: {"id":"i","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}

      data: {"id":"i","choices":[{"delta":{"reasoning_content":"h"},"finish_reason":null}]}

      data: {"id":"i","choices":[{"delta":{"reasoning_content":"m"}}]}

      data: {"id":"i","choices":[{"delta":{"content":"one "}}]}

      data: {"id":"i","choices":[{"delta":{"content":"two"}}],"usage":null}

      data: {"id":"i","choices":[{"delta":{},"finish_reason":"stop"}]}

      data: {"id":"i","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}}

      data: [DONE]

      """;

  private static JsonNode message(EventStream.Joined joined) {
    return joined.answer().path("choices").path(0).path("message");
  }

  private static void isTheStream(EventStream.Joined joined) {
    assertThat(joined.isWhole()).isTrue();
    assertThat(joined.error()).isNull();
    assertThat(message(joined).path("content").asText()).isEqualTo("one two");
    assertThat(message(joined).path("reasoning_content").asText()).isEqualTo("hm");
    assertThat(joined.answer().path("choices").path(0).path("finish_reason").asText())
        .isEqualTo("stop");
    assertThat(joined.answer().path("usage").path("prompt_tokens").asInt()).isEqualTo(3);
    assertThat(joined.answer().path("id").asText()).isEqualTo("i");
    assertThat(joined.answer().path("model").asText()).isEqualTo("m");
  }

  @Test
  void deltasAreJoinedAndTheRestIsTakenFromTheLastChunkThatHasIt() {
    isTheStream(EventStream.join(STREAM));
  }

  @Test
  void lineEndsAndEmptyLinesDoNotMatter() {
    isTheStream(EventStream.join(STREAM.replace("\n", "\r\n")));
    isTheStream(EventStream.join(STREAM.replace("\n", "\r")));
    isTheStream(EventStream.join(STREAM.replace("\n\n", "\n")));
    isTheStream(EventStream.join(STREAM.replace("data: ", "data:")));
    isTheStream(EventStream.join(STREAM.replace("data: {", "event: message\nid: 7\ndata: {")));
  }

  @Test
  void anEventMayHaveSeveralLines() {
    EventStream.Joined joined =
        EventStream.join(
            """
            data: {"choices":
            data:  [{"text":"a"}]}

            data: {
            data: "choices": [{"text":"b","finish_reason":"length"}]
            data: }
            """);
    assertThat(joined.answer().path("choices").path(0).path("text").asText()).isEqualTo("ab");
    assertThat(joined.isWhole()).isTrue();
  }

  @Test
  void partsOfAListAreLinedUpWithTexts() {
    Said said =
        Said.of(
            EventStream.join(
                    """
                    data: {"choices":[{"delta":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]}]}}]}
                    data: {"choices":[{"delta":{"content":"a"}}]}
                    data: {"choices":[{"delta":{"content":[{"type":"text","text":"b"}]}}]}
                    data: {"choices":[{"delta":{"content":"c"}}]}
                    """)
                .answer()
                .path("choices")
                .path(0),
            Dialect.CHAT);
    assertThat(said).isEqualTo(new Said("abc", null, "hm"));
  }

  @Test
  void usageIsFoundWhereSomeServersPutIt() {
    assertThat(
            EventStream.join(
                    "data: {\"choices\":[{\"delta\":{},\"usage\":{\"prompt_tokens\":9}}]}\n")
                .answer()
                .path("usage")
                .path("prompt_tokens")
                .asInt())
        .isEqualTo(9);
    assertThat(
            EventStream.join(
                    "data: {\"choices\":[],\"x_groq\":{\"usage\":{\"prompt_tokens\":8}}}\n")
                .answer()
                .path("usage")
                .path("prompt_tokens")
                .asInt())
        .isEqualTo(8);
  }

  @Test
  void aWholeAnswerInOneEventIsTaken() {
    EventStream.Joined joined =
        EventStream.join(
            "data: {\"choices\":[{\"message\":{\"content\":\"x\"},\"finish_reason\":\"stop\"}]}\n");
    assertThat(message(joined).path("content").asText()).isEqualTo("x");
    assertThat(joined.isWhole()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "data: {\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":\"null\"}]}\n\n",
        "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\ndata: {\"choices\":[{\"del",
        ": keep-alive\n",
        "data: \n"
      })
  void aStreamThatDoesNotTellItsEndIsNotWhole(String body) {
    EventStream.Joined joined = EventStream.join(body);
    assertThat(joined.isWhole()).isFalse();
    assertThat(joined.error()).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "data: {\"error\":{\"message\":\"gone\",\"code\":502}}\n\n",
        "event: error\ndata: {\"message\":\"gone\"}\n\n",
        "event: error\ndata: gone\n\n",
        "error: {\"code\":500,\"message\":\"gone\"}\n\n",
        "data: {\"object\":\"error\",\"message\":\"gone\"}\n\n",
        "data: {\"choices\":[],\"x_groq\":{\"error\":\"gone\"}}\n\n",
      })
  void aFailureInTheStreamIsToldWhateverCameBefore(String end) {
    EventStream.Joined joined =
        EventStream.join("data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n" + end);
    assertThat(String.valueOf(joined.error())).contains("gone");
  }

  @Test
  void whatBeginsAsAStreamIsKnown() {
    assertThat(EventStream.begins("data: x")).isTrue();
    assertThat(EventStream.begins("event: x")).isTrue();
    assertThat(EventStream.begins(": ping")).isTrue();
    assertThat(EventStream.begins("{\"data\": 1}")).isFalse();
    assertThat(EventStream.begins("database down")).isFalse();
  }
}
