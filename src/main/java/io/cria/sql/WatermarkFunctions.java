package io.cria.sql;

import io.cria.safety.WatermarkDetector;
import io.cria.safety.WatermarkProfile;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.tokenizer.ModelTokenizer;
import io.cria.tokenizer.TokenPlan;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * What the SQL functions of the watermark compute; called by compiled queries by name. The profile
 * with its key, and the tokenizer it names, lie on each host, under one path. A Java virtual
 * machine reads them once.
 */
public final class WatermarkFunctions {
  /** The property that names the profile where a query does not. */
  static final String PROFILE = "spark.cria.watermark.profile";

  private static final Map<String, Profile> OPENED = new ConcurrentHashMap<>();

  private WatermarkFunctions() {}

  /**
   * How many standard deviations the green tokens of a text are above what an unmarked text has.
   *
   * @param profile a path on this host
   */
  public static double z(UTF8String text, UTF8String profile) {
    return opened(profile).z(text.toString());
  }

  /**
   * The same of the passage of {@code width} tokens that has most, for a mark inside other text.
   *
   * @param profile a path on this host
   */
  public static double strongestZ(UTF8String text, int width, UTF8String profile) {
    if (width < 1) {
      throw CriaException.badInput(
          "watermark_z_window, a window of " + width + " tokens: give at least 1");
    }
    return opened(profile).strongestZ(text.toString(), width);
  }

  private static Profile opened(UTF8String path) {
    return OPENED.computeIfAbsent(path.toString(), Profile::open);
  }

  /** A profile with its tokenizer; a detector is one thread's. */
  private record Profile(ModelTokenizer tokenizer, ThreadLocal<WatermarkDetector> detectors) {
    static Profile open(String path) {
      try {
        WatermarkProfile.Opened opened = WatermarkProfile.open(Path.of(path));
        Path tokenizer = opened.tokenizer();
        if (tokenizer == null) {
          throw CriaException.badInput(
              path + ": tokenizer is missing: name the model that writes the texts");
        }
        try (ModelTokenizer plain = ModelTokenizer.open(tokenizer)) {
          return new Profile(
              TokenPlan.complete(plain).tokenizer(),
              ThreadLocal.withInitial(
                  () -> new WatermarkDetector(opened.watermark(), opened.vocabularySize(), true)));
        }
      } catch (CriaException e) {
        throw new CriaException(
            ExitCode.BAD_INPUT, "watermark_z, on host " + host() + ": " + e.getMessage(), e);
      } catch (NoClassDefFoundError e) {
        throw new CriaException(
            ExitCode.BAD_INPUT,
            "watermark_z, on host "
                + host()
                + ": the tokenizer's classes are not on the class path ("
                + e.getMessage()
                + "): add the jars of Cria's training class path to Spark's",
            e);
      }
    }

    private static String host() {
      try {
        return InetAddress.getLocalHost().getHostName();
      } catch (UnknownHostException e) {
        // a host that does not know its own name
        return "unknown";
      }
    }

    double z(String text) {
      return detectors.get().score(tokenizer.encode(text, false)).z();
    }

    double strongestZ(String text, int width) {
      return detectors
          .get()
          .strongest(tokenizer.encode(text, false), width, Math.max(1, width / 4))
          .score()
          .z();
    }
  }
}
