package io.cria.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What of this machine must not stand in files that are handed on: its paths, user and name. */
public final class MachineTraces {
  /** Their bytes hold short words by chance. */
  private static final Pattern BINARY = Pattern.compile(".*[.](safetensors|gguf|parquet|bin)");

  private MachineTraces() {}

  /**
   * Fails where a file tells any.
   *
   * @param folder that the tests work in
   * @param published files, and directories with all that is in them
   */
  public static void assertNone(Path folder, List<Path> published) throws IOException {
    List<Pattern> paths = new ArrayList<>();
    for (String path :
        List.of(
            folder.toString(),
            folder.toRealPath().toString(),
            Path.of("").toAbsolutePath().toString(),
            System.getProperty("user.home") + "/",
            System.getProperty("java.io.tmpdir") + "/",
            "file:/")) {
      paths.add(Pattern.compile(Pattern.quote(path)));
    }
    List<Pattern> names = new ArrayList<>();
    for (String name :
        List.of(System.getProperty("user.name"), InetAddress.getLocalHost().getHostName())) {
      names.add(Pattern.compile("\\b" + Pattern.quote(name) + "\\b"));
    }
    int looked = 0;
    for (Path file : files(published)) {
      String text = Files.readString(file, StandardCharsets.ISO_8859_1);
      boolean binary = BINARY.matcher(file.toString()).matches();
      Stream.concat(paths.stream(), binary ? Stream.of() : names.stream())
          .forEach(
              trace -> assertThat(trace.matcher(text).find()).as(file + " has " + trace).isFalse());
      looked++;
    }
    assertThat(looked).isGreaterThan(published.size());
  }

  private static List<Path> files(List<Path> published) throws IOException {
    List<Path> files = new ArrayList<>();
    for (Path each : published) {
      try (Stream<Path> walk = Files.walk(each)) {
        walk.filter(Files::isRegularFile).forEach(files::add);
      }
    }
    return files;
  }
}
