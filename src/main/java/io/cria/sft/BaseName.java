package io.cria.sft;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a base model is called in all that is handed on, where its place on a disk means nothing.
 */
public final class BaseName {
  /** The quickstart's model, by the name of its file. */
  private static final String SMALL_FILE = "SmolLM2-135M-Instruct.Q4_1";

  private static final String SMALL = "HuggingFaceTB/SmolLM2-135M-Instruct";

  /** How a hub's client keeps a model: {@code models--OWNER--NAME/snapshots/COMMIT}. */
  private static final Pattern KEPT =
      Pattern.compile(".*/models--(?:(.+?)--)?([^/]+)/snapshots/[^/]+/?");

  private BaseName() {}

  /**
   * @param stated in the run file, or null
   * @param place a path or URI of the base
   * @return the name on its hub where that is known, else the last part of its place
   */
  public static String of(@Nullable String stated, String place) {
    if (stated != null) {
      return stated;
    }
    Matcher kept = KEPT.matcher(place);
    if (kept.matches()) {
      return kept.group(1) == null ? kept.group(2) : kept.group(1) + "/" + kept.group(2);
    }
    String last = place.replaceFirst("[/\\\\]+$", "").replaceFirst("(?s).*[/\\\\]", "");
    String name = last.replaceFirst("\\.gguf$", "");
    return name.equals(SMALL_FILE) ? SMALL : name.isEmpty() ? "model" : name;
  }
}
