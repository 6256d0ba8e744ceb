package io.cria.prompt;

import io.cria.task.CriaException;
import io.cria.task.Ids;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The files a recipe's prompts are written in, as the caller has read them.
 *
 * @param source where they come from, for errors: the folder
 * @param texts file name, such as {@code round.txt}, to content
 */
public record PromptFiles(String source, Map<String, String> texts) {
  /** The system message of the chat dialect. */
  public static final String SYSTEM = "system.txt";

  public PromptFiles {
    texts = Collections.unmodifiableMap(new TreeMap<>(texts));
  }

  /**
   * The template in {@code file}.
   *
   * @param slots the slots it must have, and no others
   * @throws CriaException bad input: no such file, or a slot unknown or missing
   */
  public Template template(String file, String... slots) {
    return Template.parse(path(file), text(file), Set.of(slots));
  }

  /** The content of {@code file} without its closing line end; it has no slots. */
  public String plain(String file) {
    return template(file).render(Map.of());
  }

  /** What the chat dialect says first: to go on from where the user's text ends. */
  public String systemMessage() {
    return plain(SYSTEM);
  }

  /** The content of {@code file} as it is. */
  public String text(String file) {
    String text = texts.get(file);
    if (text == null) {
      throw CriaException.badInput(
          "no prompt file "
              + file
              + ", "
              + source
              + ": add it, or point prompts at a folder that has it (this one has "
              + String.join(", ", texts.keySet())
              + ")");
    }
    return text;
  }

  /** {@code source/file}, for errors. */
  public String path(String file) {
    return source.isEmpty() ? file : source + "/" + file;
  }

  /**
   * SHA-256 over names and contents in the order of the names: the prompts' part of a run's
   * identity.
   */
  public String contentHash() {
    StringBuilder all = new StringBuilder();
    texts.forEach(
        (file, text) -> all.append(file).append('\n').append(Ids.sha256(text)).append('\n'));
    return Ids.sha256(all.toString());
  }
}
