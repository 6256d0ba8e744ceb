package io.cria.stage;

import io.cria.ask.AnswerReading.Answer;
import io.cria.ask.LedgerScan;
import io.cria.config.Identity;
import io.cria.llm.Outcome;
import io.cria.parse.Reasoning;
import io.cria.run.AskContext;
import io.cria.task.Completion;

/**
 * What of an answer's text the parsers get: all of it, or all but a leading think block, as the
 * recipe says.
 *
 * @param strip whether the think block is taken off
 */
record UsableText(boolean strip) implements LedgerScan.TextTest {
  private static final long serialVersionUID = 1L;

  static UsableText of(AskContext context) {
    return new UsableText(context.asking().reasoning().equals(Identity.STRIP));
  }

  @Override
  public boolean test(String text) {
    return !text.isBlank() && (!strip || !Reasoning.strip(text).isBlank());
  }

  /** The answer as the parsers get it; one that holds a think block and nothing else failed. */
  Answer of(Answer answer) {
    Completion completion = answer.completion();
    if (completion == null || !strip) {
      return answer;
    }
    String text = Reasoning.strip(completion.text());
    if (text.isBlank() && !completion.text().isBlank()) {
      return answer.failed(Outcome.EMPTY.word());
    }
    return answer.with(new Completion(text, completion.finishReason()));
  }
}
