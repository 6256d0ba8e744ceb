package io.cria.safety;

import io.cria.config.ConfigReader;
import io.cria.safety.Watermark.Scheme;
import io.cria.task.CriaException;
import io.cria.task.UserText;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The file that says how texts are marked, for who marks and who detects. The key lies in a file of
 * its own, so that this one may be shown. Relative paths are taken from this file's folder.
 *
 * @param keyFile holds the key: a decimal number from 1 to 2^63 - 1
 * @param vocabularySize logits of the model that writes the texts
 * @param tokenizer of that model, for detecting: its directory, a tokenizer.json or a GGUF file
 * @param share of the vocabulary that is green (gamma)
 * @param bias added to green logits (delta)
 * @param scheme {@code left-hash} or {@code self-hash}
 * @param contextWidth tokens that choose the green list
 */
public record WatermarkProfile(
    String keyFile,
    Integer vocabularySize,
    @Nullable String tokenizer,
    Double share,
    Double bias,
    String scheme,
    Integer contextWidth) {
  public static final double SHARE = 0.25;
  public static final double BIAS = 2;
  public static final int CONTEXT_WIDTH = 4;

  public WatermarkProfile {
    require(keyFile != null && !keyFile.isBlank(), "keyFile is missing: name the file of the key");
    require(
        vocabularySize != null && vocabularySize >= 2,
        "vocabularySize must be the model's number of logits, not " + vocabularySize);
    share = share == null ? Double.valueOf(SHARE) : share;
    bias = bias == null ? Double.valueOf(BIAS) : bias;
    scheme = scheme == null ? word(Scheme.SELF_HASH) : scheme;
    contextWidth = contextWidth == null ? Integer.valueOf(CONTEXT_WIDTH) : contextWidth;
    // checks the values
    Watermark unused = new Watermark(share, bias, scheme(scheme), contextWidth, 1);
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }

  /** As profiles have it. */
  public static String word(Scheme scheme) {
    return scheme.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
  }

  private static Scheme scheme(String word) {
    return Arrays.stream(Scheme.values())
        .filter(scheme -> word(scheme).equals(word))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "scheme must be "
                        + Arrays.stream(Scheme.values())
                            .map(WatermarkProfile::word)
                            .collect(Collectors.joining(" or "))
                        + ", not '"
                        + word
                        + "'"));
  }

  /**
   * Reads a profile and its key.
   *
   * @throws CriaException (bad input) when either is missing or not as it should be
   */
  public static Opened open(Path file) {
    WatermarkProfile profile = ConfigReader.read(file, WatermarkProfile.class, Map.of());
    Path folder = Objects.requireNonNull(file.toAbsolutePath().getParent(), "a file has a folder");
    return new Opened(
        new Watermark(
            profile.share(),
            profile.bias(),
            scheme(profile.scheme()),
            profile.contextWidth(),
            key(folder.resolve(profile.keyFile()))),
        profile.vocabularySize(),
        profile.tokenizer() == null ? null : folder.resolve(profile.tokenizer()).normalize());
  }

  private static long key(Path file) {
    String text;
    try {
      text = UserText.read(file).strip();
    } catch (NoSuchFileException e) {
      throw CriaException.badInput(
          file + ": no such file: give the watermark's key there (keyFile)");
    } catch (IOException e) {
      throw CriaException.badInput(
          file + ": cannot be read (" + e.getMessage() + "): give the watermark's key there");
    }
    // what the file holds is a secret: no message repeats it
    long key;
    try {
      key = Long.parseLong(text);
    } catch (NumberFormatException e) {
      key = 0;
    }
    if (key < 1) {
      throw CriaException.badInput(
          file + ": this is no watermark key: write one decimal number from 1 to 2^63 - 1");
    }
    return key;
  }

  /**
   * A profile with its key.
   *
   * @param vocabularySize logits of the model
   * @param tokenizer for detecting, or null
   */
  public record Opened(Watermark watermark, int vocabularySize, @Nullable Path tokenizer) {}
}
