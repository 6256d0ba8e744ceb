package io.cria.sft;

import io.cria.tokenizer.ModelChat;
import io.cria.tokenizer.ModelTokenizer;
import io.cria.tokenizer.TemplateSource;
import io.cria.tokenizer.TokenizerSettings;
import java.nio.file.Files;
import java.nio.file.Path;

/** The chat form that a tuned model shows to every program, not to Cria alone. */
public final class TaughtForm {
  private TaughtForm() {}

  /**
   * Writes the plain form as the chat template of a model that has none, where its card says that
   * it was taught its own chat form, which then was the plain one.
   *
   * @param model a model's directory; without a card or a tokenizer in it nothing is done
   */
  public static void bringTo(Path model) {
    boolean taughtOwn =
        CheckpointCard.template(model).filter(TemplateSource.OWN_CHAT::equals).isPresent();
    if (!taughtOwn || !Files.isRegularFile(model.resolve("tokenizer.json"))) {
      return;
    }
    try (ModelTokenizer tokenizer = ModelTokenizer.open(model)) {
      TokenizerSettings settings = tokenizer.settings();
      if (settings.chatTemplate() == null) {
        try (ModelTokenizer taught =
            ModelTokenizer.of(
                tokenizer.json(), ModelChat.withPlainForm(settings), model.toString())) {
          taught.writeTo(model);
        }
      }
    }
  }
}
