package io.cria.sft;

import io.cria.sft.model.GenerationConfig;
import io.cria.tokenizer.ModelChat;
import io.cria.tokenizer.ModelTokenizer;
import io.cria.tokenizer.TemplateSource;
import io.cria.tokenizer.TokenizerSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The form that a tuned model was taught, as it shows it to every program, not to Cria alone. */
public final class TaughtForm {
  private TaughtForm() {}

  /**
   * Has generation_config.json name the token that ends an answer of the form. Where the card of a
   * model that has no chat template says that it was taught its own chat form, which then was the
   * plain one, that becomes its template.
   *
   * @param model a model's directory; without a card or a tokenizer in it nothing is done
   */
  public static void bringTo(Path model) {
    Optional<TemplateSource> taught = CheckpointCard.template(model);
    if (taught.isEmpty() || !Files.isRegularFile(model.resolve("tokenizer.json"))) {
      return;
    }
    try (ModelTokenizer tokenizer = ModelTokenizer.open(model)) {
      tokenizer
          .idOf(taught.get().template(tokenizer).end())
          .ifPresent(end -> GenerationConfig.endAlsoAt(model, end));
      TokenizerSettings settings = tokenizer.settings();
      if (taught.get().equals(TemplateSource.OWN_CHAT) && settings.chatTemplate() == null) {
        try (ModelTokenizer shown =
            ModelTokenizer.of(
                tokenizer.json(), ModelChat.withPlainForm(settings), model.toString())) {
          shown.writeTo(model);
        }
      }
    }
  }
}
