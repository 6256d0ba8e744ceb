package io.cria.stage;

import io.cria.ask.AnswerReading;
import io.cria.ask.PlannedRequest.Subject;
import io.cria.config.DecodingConfig;
import io.cria.prompt.BuiltPrompt;
import io.cria.run.RoundTable;
import io.cria.storage.Manifest;
import java.util.List;

/** What one stage asks about each kept instruction, and what it makes of the answers. */
interface Question {
  /** Where the answers go. */
  RoundTable table();

  /** What a round's requests are made from. */
  List<Manifest.Input> inputs(Subjects subjects, int round);

  /** What is asked about in a round, in request order. */
  List<Subject> subjects(Subjects subjects, int round);

  Words words(Subject subject);

  /** Makes rows of {@link #table()} from an answer. */
  AnswerReading.Reader reader();

  /**
   * One request's content.
   *
   * @param prompt the text
   * @param decoding what the server is told beside it
   */
  record Words(BuiltPrompt prompt, DecodingConfig decoding) {}
}
