package io.cria.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/**
 * Help in the width of a terminal. A paragraph is one text, wherever its source breaks it, so that
 * it is wrapped once; an example that is longer than a line goes on at an option, as a shell would
 * take it.
 */
final class HelpText {
  /** Wider lines are hard to read. */
  static final int WIDTH = 80;

  private static final int LEAST = 55;
  private static final String GOES_ON = " \\";

  private HelpText() {}

  /** Prepares a command and those below it. */
  static void fit(CommandLine line, int columns) {
    line.setUsageHelpWidth(Math.max(LEAST, Math.min(WIDTH, columns)));
    fit(line.getCommandSpec());
  }

  private static void fit(CommandSpec spec) {
    UsageMessageSpec usage = spec.usageMessage();
    usage.description(paragraphs(usage.description()));
    List<String> footer = new ArrayList<>();
    for (String text : usage.footer()) {
      example(text, footer);
    }
    usage.footer(footer.toArray(String[]::new));
    spec.subcommands().values().forEach(sub -> fit(sub.getCommandSpec()));
  }

  /** Lines that belong together as one; what is indented or empty stands by itself. */
  private static String[] paragraphs(String... lines) {
    List<String> paragraphs = new ArrayList<>();
    boolean open = false;
    for (String line : lines) {
      boolean goesOn = !line.isBlank() && !line.startsWith(" ");
      if (open && goesOn) {
        int last = paragraphs.size() - 1;
        paragraphs.set(last, paragraphs.get(last) + " " + line);
      } else {
        paragraphs.add(line);
      }
      open = goesOn;
    }
    return paragraphs.toArray(String[]::new);
  }

  private static void example(String line, List<String> lines) {
    int option = line.length() <= WIDTH ? -1 : line.lastIndexOf(" --", WIDTH - GOES_ON.length());
    if (option <= line.length() - line.stripLeading().length()) {
      lines.add(line);
    } else {
      lines.add(line.substring(0, option) + GOES_ON);
      example("    " + line.substring(option + 1), lines);
    }
  }
}
