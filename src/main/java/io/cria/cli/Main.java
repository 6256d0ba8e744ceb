package io.cria.cli;

import io.cria.pipeline.LastWords;
import io.cria.pipeline.Outcome;
import io.cria.run.Versions;
import io.cria.task.ExitCode;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The program {@code cria}. Results go to standard output, everything said about the work to
 * standard error; both in UTF-8 whatever the locale. Exit codes are those of {@link ExitCode}.
 */
public final class Main {
  static final String NAME = "cria";

  /** Of a process that another of ours has started: that one ends it, and speaks for both. */
  private static final String OF_ANOTHER = "--with-parent";

  private Main() {}

  public static void main(String[] args) {
    Console console = Console.ofProcess();
    if (!Arrays.asList(args).contains(OF_ANOTHER)) {
      new Signals(
              line -> signalled(console, line),
              System::exit,
              code -> Runtime.getRuntime().halt(code))
          .listen();
    }
    int code = run(console.out(), console.err(), args);
    // where a signal ends this process, the hook that waits lets it go now
    LastWords.said();
    // libraries leave threads behind that would keep the process alive; and a main that returns is
    // a success to YARN, whatever exit code follows
    System.exit(code);
  }

  private static void signalled(Console console, String line) {
    // below what the terminal shows of the keys
    console.lastWord(
        (Boolean.getBoolean("cria.terminal") ? "\r\u001b[K" : "") + NAME + ": " + line);
  }

  /**
   * Runs one command. Where standard output fails, its work ends soon, by {@link LostOutput}.
   *
   * @param out standard output
   * @param err standard error
   * @return its exit code
   */
  public static int run(Writer out, PrintWriter err, String... args) {
    Optional<Invocation> invocation = Invocation.of(System.getProperty(Outcome.PROPERTY, ""), args);
    ResultWriter results = new ResultWriter(out);
    Writer heard = invocation.map(one -> one.heard(results)).orElse(results);
    Paint paint = Terminal.of(ColourWhen.in(args), System.getenv()).errPaint();
    Consumer<String> teller =
        line -> {
          err.println(paint.red(NAME + ":") + " " + line);
          invocation.ifPresent(one -> one.failed(line));
        };
    PrintWriter printed = new PrintWriter(heard, true);
    int ended = executed(printed, err, teller, args);
    printed.flush();
    int code = results.failure().map(e -> LostOutput.code(ended, e, teller)).orElse(ended);
    invocation.ifPresent(one -> one.ended(code, err));
    err.flush();
    return code;
  }

  private static int executed(
      PrintWriter out, PrintWriter err, Consumer<String> teller, String... args) {
    try {
      CommandLine line = commands(command -> args.length > 0 && args[0].equals(command.word()));
      boolean coloured = Terminal.of(ColourWhen.in(args), System.getenv()).paint().on();
      line.setColorScheme(
          CommandLine.Help.defaultColorScheme(
              coloured ? CommandLine.Help.Ansi.ON : CommandLine.Help.Ansi.OFF));
      line.setOut(out).setErr(err);
      line.setParameterExceptionHandler((e, given) -> usageError(e, teller));
      line.setExecutionExceptionHandler((e, called, parsed) -> failed(e, called, parsed, teller));
      return line.execute(understood(args));
    } catch (Exception | Error e) {
      // before picocli could take over, or what it lets through
      return tell(err, teller, e, Arrays.asList(args).contains("--verbose"));
    }
  }

  /** Without a command, the list of them; a word that is none is told so, help or not. */
  private static String[] understood(String... args) {
    if (args.length == 0) {
      return new String[] {"--help"};
    }
    boolean command = args[0].startsWith("-") || CommandName.of(args[0]).isPresent();
    return command ? args : new String[] {args[0]};
  }

  /**
   * All commands.
   *
   * @param loaded which are wanted with their options: the class of another one is not loaded
   */
  static CommandLine commands(Predicate<CommandName> loaded) {
    CommandSpec root = CommandSpec.create().name(NAME);
    root.usageMessage()
        .description("Builds instruction datasets with a language model on Apache Spark.")
        .commandListHeading("%nCommands:%n")
        .footer(
            "",
            "cria help COMMAND tells a command's options, with examples.",
            "Exit codes: 0 done, 1 fault of Cria, 2 bad input or usage, 3 stopped on request,",
            "4 cap reached, 5 endpoint, credentials or quota, 6 run locked, of another",
            "configuration, or corrupt. After 3 and 4 the same command goes on.");
    root.addOption(
        OptionSpec.builder("-h", "--help").usageHelp(true).description("Show this text.").build());
    root.addOption(
        OptionSpec.builder("-V", "--version")
            .versionHelp(true)
            .description("Show version and git commit.")
            .build());
    root.addOption(
        OptionSpec.builder("--color")
            .type(ColourWhen.class)
            .paramLabel("WHEN")
            .description("auto, always or never: whether to colour what is written.")
            .build());
    root.versionProvider(() -> new String[] {version()});
    for (CommandName command : CommandName.values()) {
      CommandSpec spec =
          loaded.test(command)
              ? CommandSpec.forAnnotatedObject(command.load())
              : CommandSpec.create();
      if (spec.usageMessage().description().length == 0) {
        spec.usageMessage().description(command.summary());
      }
      root.addSubcommand(command.word(), spec);
    }
    CommandLine line = new CommandLine(root);
    HelpText.fit(line, Terminal.width());
    line.setCaseInsensitiveEnumValuesAllowed(true);
    return line;
  }

  static String version() {
    return NAME
        + " "
        + Versions.cria()
        + " (commit "
        + Versions.commit()
        + "), Java "
        + Runtime.version().feature();
  }

  private static int usageError(ParameterException e, Consumer<String> teller) {
    CommandLine line = e.getCommandLine();
    String called = line.getCommandSpec().qualifiedName();
    String message = String.join(" ", String.valueOf(e.getMessage()).lines().toList());
    message = message.replaceFirst("^Error: ", "");
    if (line.getParent() == null && e instanceof UnmatchedArgumentException unmatched) {
      String word = unmatched.getUnmatched().get(0);
      message =
          "unknown command, '"
              + word
              + "'"
              + CommandName.nearest(word).map(near -> ": did you mean " + near + "?").orElse("");
    } else if (e instanceof UnmatchedArgumentException unmatched) {
      var near = unmatched.getSuggestions();
      message += near.isEmpty() ? "" : ": did you mean " + String.join(" or ", near) + "?";
    }
    teller.accept(message + " (see " + called + " --help)");
    return ExitCode.BAD_INPUT.code();
  }

  private static int failed(
      Exception e, CommandLine line, ParseResult parsed, Consumer<String> teller) {
    if (LostOutput.isBehind(e)) {
      // told at the end, whether it stopped the work or not
      return ExitCode.DONE.code();
    }
    ParseResult last = parsed;
    while (last.hasSubcommand()) {
      last = last.subcommand();
    }
    return tell(line.getErr(), teller, e, last.hasMatchedOption("--verbose"));
  }

  private static int tell(
      PrintWriter err, Consumer<String> teller, Throwable thrown, boolean verbose) {
    Failure failure = Failure.of(thrown);
    teller.accept(failure.line());
    if (verbose) {
      thrown.printStackTrace(err);
    }
    return failure.exitCode().code();
  }
}
