package io.cria.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.safety.Watermark;
import io.cria.safety.WatermarkProfile;
import io.cria.sft.model.ModelConfigJson;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.weights.AtomicFile;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.List;
import java.util.Locale;

/** A new profile of a watermark, and a new key beside it that its owner alone can read. */
final class NewWatermark {
  private static final ObjectMapper JSON = new ObjectMapper();

  private NewWatermark() {}

  /** As the other, with the profile's defaults. */
  static Path write(Path output, Path base) {
    return write(
        output,
        base,
        WatermarkProfile.SHARE,
        WatermarkProfile.BIAS,
        WatermarkProfile.word(Watermark.Scheme.SELF_HASH),
        WatermarkProfile.CONTEXT_WIDTH);
  }

  /**
   * Writes both.
   *
   * @param output the profile; the key has its name and {@code .key}
   * @param base the directory of the model that is to be marked
   * @return the key's file
   * @throws CriaException (bad input) when one is there already, or cannot be written
   */
  static Path write(
      Path output, Path base, double share, double bias, String scheme, int contextWidth) {
    int logits = ModelConfigJson.read(base).vocabularySize();
    Path key = output.resolveSibling(output.getFileName() + ".key");
    WatermarkProfile profile = profile(key, logits, base, share, bias, scheme, contextWidth);
    for (Path file : List.of(output, key)) {
      if (Files.exists(file)) {
        throw CriaException.badInput(
            file + ": there is such a file: a mark whose key is lost is lost, so give a new name");
      }
    }
    writeKey(key);
    AtomicFile.write(output, text(profile));
    return key;
  }

  private static WatermarkProfile profile(
      Path key, int logits, Path base, double share, double bias, String scheme, int width) {
    try {
      return new WatermarkProfile(
          key.getFileName().toString(),
          logits,
          base.toAbsolutePath().normalize().toString(),
          share,
          bias,
          scheme,
          width);
    } catch (IllegalArgumentException e) {
      throw new CriaException(
          ExitCode.BAD_INPUT, "watermark new: " + e.getMessage() + ": see --help", e);
    }
  }

  private static void writeKey(Path file) {
    try {
      Path made =
          Files.getFileStore(file.toAbsolutePath().getParent()).supportsFileAttributeView("posix")
              ? Files.createFile(
                  file,
                  PosixFilePermissions.asFileAttribute(
                      PosixFilePermissions.fromString("rw-------")))
              : Files.createFile(file);
      long key = 1 + (new SecureRandom().nextLong() >>> 1) % (Long.MAX_VALUE - 1);
      Files.writeString(made, key + "\n");
    } catch (FileAlreadyExistsException e) {
      throw new CriaException(
          ExitCode.BAD_INPUT, file + ": there is such a file: give a new name", e);
    } catch (IOException e) {
      throw new CriaException(
          ExitCode.BAD_INPUT,
          file
              + ": cannot be written ("
              + e.getMessage()
              + "): give a folder that you may write to",
          e);
    }
  }

  private static String text(WatermarkProfile profile) {
    return String.format(
        Locale.ROOT,
        "# How texts are marked: for cria generate, cria serve --checkpoint and cria watermark"
            + " detect.%nkeyFile: %s%nvocabularySize: %d%ntokenizer: %s%nshare: %s%nbias: %s%nscheme:"
            + " %s%ncontextWidth: %d%n",
        JSON.valueToTree(profile.keyFile()),
        profile.vocabularySize(),
        JSON.valueToTree(profile.tokenizer()),
        profile.share(),
        profile.bias(),
        profile.scheme(),
        profile.contextWidth());
  }
}
