package io.cria.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.sft.SftRunFile;
import io.cria.shipped.Shipped;
import io.cria.tokenizer.TemplateSource;
import org.jspecify.annotations.Nullable;

/**
 * A run file that can be read anywhere: with all that was said over it, and its layout beside it.
 *
 * @param text JSON, which is YAML too
 * @param template the layout's text, to lie beside it as {@value #TEMPLATE}; null where it needs
 *     none
 */
record TrainingConf(String text, @Nullable String template) {
  static final String TEMPLATE = "template.yaml";

  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * @param file as it was read
   * @param template its layout
   */
  static TrainingConf of(SftRunFile file, TemplateSource template) {
    boolean everywhere =
        file.template().equals(TemplateSource.CHAT) || file.template().startsWith(Shipped.SCHEME);
    SftRunFile portable =
        new SftRunFile(
            null,
            everywhere ? file.template() : TEMPLATE,
            file.shards(),
            file.training(),
            file.cluster(),
            file.terms(),
            file.card());
    try {
      return new TrainingConf(
          JSON.writerWithDefaultPrettyPrinter().writeValueAsString(portable) + "\n",
          everywhere ? null : template.text());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a record of plain values is always JSON", e);
    }
  }
}
