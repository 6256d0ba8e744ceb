package io.cria.stage;

import io.cria.prompt.PromptFiles;
import io.cria.run.RunContext;

/** The prompt files of a run. */
final class Prompts {
  private Prompts() {}

  static PromptFiles of(RunContext context) {
    return new PromptFiles(context.run().path("inputs/prompts"), context.prompts());
  }
}
