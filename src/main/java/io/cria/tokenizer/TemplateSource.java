package io.cria.tokenizer;

import io.cria.shipped.Shipped;
import io.cria.task.CriaException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A layout that no model is bound to yet.
 *
 * @param name {@link #CHAT} for the model's own chat form, else the template file's path as errors
 *     call it
 * @param text the template file's text; empty for the chat form
 */
public record TemplateSource(String name, String text) {
  /** Names the model's own chat form. */
  public static final String CHAT = "chat";

  private static final String SHIPPED =
      "templates/alpaca.yaml, templates/chatml.yaml or templates/plain.yaml";

  public static final TemplateSource OWN_CHAT = new TemplateSource(CHAT, "");

  /**
   * Reads the layout called {@code name}, with the byte order mark that its file may begin with:
   * what it is hashed with.
   *
   * @param name {@link #CHAT}, a template file, or a shipped one as {@link Shipped#SCHEME} says
   * @param folder what a relative path is taken from
   * @throws CriaException (bad input) when the file cannot be read
   */
  public static TemplateSource read(String name, Path folder) {
    if (name.equals(CHAT)) {
      return OWN_CHAT;
    }
    boolean shipped = name.startsWith(Shipped.SCHEME);
    String place = shipped ? name : folder.resolve(name).toString();
    try {
      return new TemplateSource(
          place,
          shipped
              ? Shipped.FILES.text(name.substring(Shipped.SCHEME.length()))
              : Files.readString(Path.of(place)));
    } catch (IOException e) {
      throw CriaException.badInput(
          "no prompt template at "
              + place
              + ": give chat for the model's own form, a path from the run file's own folder, or a"
              + " shipped one: "
              + SHIPPED);
    }
  }

  /**
   * The layout for this model.
   *
   * @throws CriaException (bad input) when a slot is missing, or the model has no such form
   */
  public PromptTemplate template(ModelTokenizer tokenizer) {
    return name.equals(CHAT) ? ModelChat.of(tokenizer) : FileTemplate.parse(text, name, tokenizer);
  }

  /** What whoever uses the layout with this model should know: one line, or none. */
  public Optional<String> notice(ModelTokenizer tokenizer) {
    return name.equals(CHAT) ? ModelChat.notice(tokenizer.settings()) : Optional.empty();
  }
}
