package io.cria.pipeline;

import io.cria.cli.Main;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Commands of {@code cria} one after the other in one process, and so in one Spark session. */
final class ManyCommands {
  private static final String SPACE = "\t";

  private ManyCommands() {}

  /** Arguments of {@link #main}: where what the commands print goes, then a command each. */
  static List<String> arguments(Path out, List<List<String>> commands) {
    List<String> arguments = new ArrayList<>(List.of(out.toString()));
    commands.forEach(command -> arguments.add(String.join(SPACE, command)));
    return arguments;
  }

  /** Ends with the first exit code that is not 0. */
  public static void main(String[] arguments) throws IOException {
    System.exit(run(arguments));
  }

  /** What they print on standard output goes to the file, the rest to this process's own. */
  static int run(String... arguments) throws IOException {
    int code = 0;
    try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(Path.of(arguments[0])))) {
      PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
      for (int i = 1; i < arguments.length && code == 0; i++) {
        code = Main.run(out, err, arguments[i].split(SPACE, -1));
      }
    }
    return code;
  }
}
