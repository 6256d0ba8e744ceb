package io.cria.stage;

import io.cria.ask.AskedParts;
import io.cria.ask.PlannedRequest.Subject;
import io.cria.config.DecodingConfig;
import io.cria.prompt.BuiltPrompt;
import io.cria.run.StageDeclaration;
import io.cria.storage.Manifest;
import java.util.List;

/** What one stage asks about each kept instruction, and what it makes of the answers. */
interface Question extends AskedParts.Work {
  StageDeclaration stage();

  /** Of the rounds of generation, those that can be asked about now. */
  List<Integer> ready(List<Integer> rounds);

  /** What a round's requests are made from. */
  List<Manifest.Input> inputs(int round);

  /** What is asked about in a round, in request order. */
  List<Subject> subjects(int round);

  Words words(Subject subject);

  /**
   * One request's content.
   *
   * @param prompt the text
   * @param decoding what the server is told beside it
   */
  record Words(BuiltPrompt prompt, DecodingConfig decoding) {}
}
