package io.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

class MainTest {
  private static final String SEED =
      "{\"id\": \"s1\", \"name\": \"\", \"instruction\": \"Name a colour.\", \"instances\":"
          + " [{\"input\": \"\", \"output\": \"red\"}], \"is_classification\": false}\n";

  @TempDir Path folder;

  @Test
  void noArgumentsListTheCommands() {
    Called called = Called.with();
    assertThat(called.code()).isZero();
    for (CommandName command : CommandName.values()) {
      assertThat(called.out()).contains("  " + command.word() + " ");
    }
    assertThat(called).isEqualTo(Called.with("--help"));
  }

  @Test
  void theVersionNamesTheCommit() {
    assertThat(Called.with("--version").out()).matches("cria \\S+ \\(commit \\S+\\), Java \\d+\\R");
  }

  @ParameterizedTest
  @EnumSource(CommandName.class)
  void everyCommandHasHelpWithAnExample(CommandName command) {
    Called called = Called.with(command.word(), "--help");
    assertThat(called.code()).isZero();
    assertThat(called.out()).contains("Usage: cria " + command.word()).contains("Example");
  }

  /** All that help is shown of: commands, and commands of commands. */
  static List<CommandLine> commands() {
    List<CommandLine> all = new ArrayList<>();
    all.add(Main.commands(command -> true));
    for (int i = 0; i < all.size(); i++) {
      all.addAll(all.get(i).getSubcommands().values());
    }
    return all;
  }

  @ParameterizedTest
  @MethodSource("commands")
  void helpFitsEightyColumnsAndBreaksNoWord(CommandLine command) {
    CommandSpec spec = command.getCommandSpec();
    String help = command.getUsageMessage(CommandLine.Help.Ansi.OFF);
    assertThat(help.lines()).allMatch(line -> line.length() <= 80, "80 columns");

    List<String> written = new ArrayList<>(List.of(spec.usageMessage().description()));
    spec.options().forEach(option -> written.addAll(List.of(option.description())));
    spec.positionalParameters().forEach(each -> written.addAll(List.of(each.description())));
    Set<String> words = words(help);
    assertThat(written.stream().flatMap(text -> words(text.replace("%%", "%")).stream()))
        .filteredOn(word -> !word.isEmpty() && !word.contains("${") && !words.contains(word))
        .isEmpty();
  }

  private static Set<String> words(String text) {
    return new HashSet<>(List.of(text.strip().split("\\s+")));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void aParagraphOfHelpIsWrappedOnce(CommandLine command) {
    List<String> lines = command.getUsageMessage(CommandLine.Help.Ansi.OFF).lines().toList();
    int end = 0;
    while (end < lines.size() && !lines.get(end).startsWith("  ")) {
      end++;
    }
    // a line that was broken before leaves a word or two alone on one
    for (int i = 0; i + 1 < end; i++) {
      String line = lines.get(i);
      String next = lines.get(i + 1);
      boolean goesOn = !line.isBlank() && !next.isBlank() && !next.startsWith(" ");
      if (goesOn && !line.startsWith("Usage:")) {
        assertThat(line.length() + 1 + next.split(" ", 2)[0].length())
            .as(line)
            .isGreaterThanOrEqualTo(80);
      }
    }
  }

  @Test
  void anExampleThatIsLongerThanALineGoesOnAsAShellTakesIt() {
    assertThat(Called.with("run", "--help").out())
        .contains(
            line("  cria run conf/alpaca.yaml --run runs/a --base-url http://127.0.0.1:8000/v1 \\")
                + line("    --model my-model"));
  }

  @Test
  void helpAndVersionAreCommandsToo() {
    assertThat(Called.with("help")).isEqualTo(Called.with("--help"));
    assertThat(Called.with("help", "parse")).isEqualTo(Called.with("parse", "--help"));
    assertThat(Called.with("help", "seeds", "check"))
        .isEqualTo(Called.with("seeds", "check", "--help"));
    assertThat(Called.with("version")).isEqualTo(Called.with("--version"));
    assertThat(Called.with("help", "staus").err()).contains("did you mean status?");
  }

  @ParameterizedTest
  @ValueSource(strings = {"bash", "zsh"})
  void completionKnowsCommandsAndOptions(String shell) {
    Called called = Called.with("completion", shell);
    assertThat(called.code()).as(called.err()).isZero();
    assertThat(called.out()).contains("complete -F _complete_cria").contains("--close-round");
    for (CommandName command : CommandName.values()) {
      assertThat(called.out()).contains(command.word());
    }
  }

  @Test
  void coloursComeWhereTheyAreAskedFor() {
    assertThat(Called.with("parse", "--help").out()).doesNotContain("\u001b[");
    assertThat(Called.with("parse", "--help", "--color", "always").out()).contains("\u001b[");
    assertThat(Called.with("--color=always", "--help").out()).contains("\u001b[");
    assertThat(Called.with("parse", "--color", "always", "--kind", "alpaca").err())
        .startsWith("\u001b[1;31mcria:\u001b[0m Missing required parameters");
    assertThat(Called.with("parse", "--color", "red", "--kind", "alpaca").err())
        .startsWith("cria: ")
        .contains("red");
  }

  @Test
  void autoColoursATerminalUnlessToldOtherwise() {
    ColourWhen auto = ColourWhen.in("run", "x");
    assertThat(auto.colours(true, Map.of())).isTrue();
    assertThat(auto.colours(false, Map.of())).isFalse();
    assertThat(auto.colours(true, Map.of("NO_COLOR", "1"))).isFalse();
    assertThat(auto.colours(true, Map.of("NO_COLOR", ""))).isTrue();
    assertThat(auto.colours(true, Map.of("TERM", "dumb"))).isFalse();
    ColourWhen always = ColourWhen.in("run", "--color", "ALWAYS");
    assertThat(always.colours(false, Map.of("NO_COLOR", "1"))).isTrue();
    assertThat(ColourWhen.in("--color=never").colours(true, Map.of())).isFalse();
  }

  @Test
  void anUnknownCommandIsBadUsageAndTheNearestIsNamed() {
    assertThat(Called.with("staus", "x"))
        .isEqualTo(
            new Called(
                2,
                "",
                line("cria: unknown command, 'staus': did you mean status? (see cria --help)")));
    assertThat(Called.with("STATUS", "x").err()).contains("did you mean status?");
    assertThat(Called.with("xyzzy").err())
        .isEqualTo(line("cria: unknown command, 'xyzzy' (see cria --help)"));
  }

  @Test
  void badUsageIsOneLineAndAHint() {
    assertThat(Called.with("parse", "--kind", "alpaca", "in.jsonl"))
        .isEqualTo(
            new Called(
                2, "", line("cria: Missing required parameter: 'OUT' (see cria parse --help)")));
    assertThat(Called.with("sql", "run").err())
        .startsWith("cria: Missing required argument")
        .hasLineCount(1);
    Called called = Called.with("parse", "--kind", "alpaca", "in", "out", "--verbos");
    assertThat(called.code()).isEqualTo(2);
    assertThat(called.err())
        .isEqualTo(
            line(
                "cria: Unknown option: '--verbos': did you mean --verbose? (see cria parse"
                    + " --help)"));
  }

  @Test
  void goodSeedsPass() throws IOException {
    Path seeds = Files.writeString(folder.resolve("seeds.jsonl"), SEED);
    Called called = Called.with("seeds", "check", seeds);
    assertThat(called.code()).isZero();
    assertThat(called.out()).contains("tasks            1").contains("usable");
  }

  @Test
  void aBrokenSeedLineIsNamedAndTheFileIsBadInput() throws IOException {
    Path seeds = Files.writeString(folder.resolve("seeds.jsonl"), SEED + "{\"id\": 3\n");
    Called called = Called.with("seeds", "check", seeds);
    assertThat(called.code()).isEqualTo(2);
    assertThat(called.out()).contains(seeds + ":2: error: ").contains("not usable: 1 error");
  }

  @Test
  void aSeedThresholdOutOfRangeIsRefused() throws IOException {
    Path seeds = Files.writeString(folder.resolve("seeds.jsonl"), SEED);
    assertThat(Called.with("seeds", "check", "--threshold", "0.1", seeds))
        .isEqualTo(
            new Called(
                2,
                "",
                line("cria: threshold out of range, --threshold 0.1: give above 0.3, at most 1")));
  }

  @Test
  void parseWritesOneResultALine() throws IOException {
    Path in =
        Files.writeString(folder.resolve("in.jsonl"), "{\"text\": \"Name two birds here.\"}\n");
    Path out = folder.resolve("out.jsonl");
    Called called = Called.with("parse", "--kind", "instructions", in, out);
    assertThat(called).isEqualTo(new Called(0, "", line("cria: 1 line read, " + out)));
    assertThat(out).hasContent("{\"accepted\":[\"Name two birds here.\"],\"rejected\":[]}");

    Files.writeString(out, "mine");
    assertThat(Called.with("parse", "--kind", "instructions", in, out))
        .isEqualTo(
            new Called(
                2, "", line("cria: " + out + " is there already: give --force, or another name")));
    assertThat(out).hasContent("mine");
    assertThat(Called.with("parse", "--kind", "instructions", in, out, "--force").code()).isZero();
    assertThat(out).content().startsWith("{\"accepted\"");
  }

  @Test
  void aBadRecordIsNamedByFileAndLine() throws IOException {
    Path in = Files.writeString(folder.resolve("in.jsonl"), "{\"txt\": 1}\n");
    Called called = Called.with("parse", "--kind", "instructions", in, folder.resolve("out.jsonl"));
    assertThat(called)
        .isEqualTo(
            new Called(
                2, "", line("cria: " + in + ":1: key \"text\" is not a text: give a JSON string")));
  }

  @Test
  void verboseShowsTheTraceBelowTheLine() {
    Called called =
        Called.with(
            "parse", "--verbose", "--kind", "alpaca", folder.resolve("none"), folder.resolve("o"));
    assertThat(called.code()).isEqualTo(2);
    assertThat(called.err().lines().toList().get(0)).startsWith("cria: cannot read ");
    assertThat(called.err()).contains("\tat io.cria.");
  }

  @Test
  void aFileThatIsNoModelIsRefusedByTheServer() throws IOException {
    Path gguf = Files.writeString(folder.resolve("m.gguf"), "no model");
    Called called = Called.with("serve", "--gguf", gguf);
    assertThat(called.code()).isEqualTo(2);
    assertThat(called.err().lines()).hasSize(1).allMatch(line -> line.startsWith("cria: "));
  }

  @Test
  void aContextThatHoldsNothingIsRefusedBeforeTheModelIsRead() {
    Path gguf = folder.resolve("not-even-there.gguf");
    for (String tokens : new String[] {"3", "-1"}) {
      assertThat(Called.with("serve", "--gguf", gguf, "--context", tokens))
          .isEqualTo(
              new Called(
                  2,
                  "",
                  line(
                      "cria: serve: --context "
                          + tokens
                          + ": too few tokens for a prompt and its answer: give at least 64, or 0"
                          + " for the model's own")));
    }
  }

  @Test
  void theHelpOfParseShowsRecordsThatParse() throws IOException {
    String help = Called.with("parse", "--help").out();
    assertThat(help)
        .contains("text", "finish_reason", "demonstrations", "instruction", "is_classification");
    List<String> records =
        help.lines()
            .filter(line -> line.startsWith("{") && line.endsWith("}") && !line.contains("..."))
            .toList();
    List<String> kinds = List.of("instructions", "alpaca", "instances");
    assertThat(records).hasSameSizeAs(kinds);
    for (int i = 0; i < kinds.size(); i++) {
      Path in = Files.writeString(folder.resolve("in" + i), records.get(i) + "\n");
      Path out = folder.resolve("out" + i);
      assertThat(Called.with("parse", "--kind", kinds.get(i), in, out).code()).isZero();
      assertThat(Files.readString(out))
          .doesNotContain("\"accepted\":[]")
          .contains("\"rejected\":[]");
    }
  }

  private static String line(String text) {
    return text + System.lineSeparator();
  }

  @ParameterizedTest
  @ValueSource(strings = {"run", "stage"})
  void theHelpTellsWhatIsAskedAgainAndWhatStays(String command) {
    String help = Called.with(command, "--help").out().replaceAll("\\s+", " ");
    assertThat(help)
        .contains(
            "Ask requests again that the server rejected or that failed in all their attempts")
        .contains("Earlier rounds of generation stay as they are, which a note tells");
  }
}
