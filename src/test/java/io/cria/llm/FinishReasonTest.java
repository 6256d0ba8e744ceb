package io.cria.llm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FinishReasonTest {
  @ParameterizedTest
  @CsvSource({
    "stop, COMPLETE",
    "STOP, COMPLETE",
    "eos, COMPLETE",
    "eos_token, COMPLETE",
    "EosToken, COMPLETE",
    "end_turn, COMPLETE",
    "stop_sequence, COMPLETE",
    "COMPLETE, COMPLETE",
    "FinishReason.STOP, COMPLETE",
    "FINISH_REASON_STOP, COMPLETE",
    "'', COMPLETE",
    "length, CUT",
    "max_tokens, CUT",
    "MAX_TOKENS, CUT",
    "maxTokens, CUT",
    "max-tokens, CUT",
    "Max Tokens, CUT",
    "max_output_tokens, CUT",
    "max_length, CUT",
    "model_length, CUT",
    "token_limit, CUT",
    "FinishReason.MAX_TOKENS, CUT",
    "model_context_window_exceeded, CUT",
    "content_filter, FILTERED",
    "SAFETY, FILTERED",
    "RECITATION, FILTERED",
    "BLOCKLIST, FILTERED",
    "PROHIBITED_CONTENT, FILTERED",
    "content_filtered, FILTERED",
    "guardrail_intervened, FILTERED",
    "sensitive, FILTERED",
    "refusal, REFUSED",
    "error, FAILED",
    "ERROR, FAILED",
    "abort, FAILED",
    "network_error, FAILED",
    "insufficient_system_resource, FAILED",
    "tool_calls, UNKNOWN",
    "OTHER, UNKNOWN",
    "quantum_collapse, UNKNOWN",
    "終了, UNKNOWN",
    "'!', UNKNOWN",
  })
  void aWordIsKnownInAllItsSpellings(String word, FinishReason meaning) {
    assertThat(FinishReason.of(word)).isEqualTo(meaning);
  }

  @Test
  void noWordCountsAsComplete() {
    assertThat(FinishReason.of(null)).isEqualTo(FinishReason.COMPLETE);
    assertThat(FinishReason.isCut(null)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"length", "MAX_TOKENS", "model_length", "quantum_collapse"})
  void whatIsCutOrNotKnownIsCut(String word) {
    assertThat(FinishReason.isCut(word)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"stop", "END_TURN", "content_filter", "error"})
  void whatEndedOtherwiseIsNotCut(String word) {
    assertThat(FinishReason.isCut(word)).isFalse();
  }
}
