package io.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.sft.TinyCheckpoint;
import io.cria.testing.LocalSpark;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class LostOutputTest {
  private static final Path FULL = Path.of("/dev/full");

  @TempDir Path folder;

  /** Takes some writes, then none. */
  private static final class Failing extends OutputStream {
    private final int taken;
    private final String reason;
    private int writes;

    Failing(int taken, String reason) {
      this.taken = taken;
      this.reason = reason;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      writes++;
      if (writes > taken) {
        throw new IOException(reason);
      }
    }

    Writer writer() {
      return new OutputStreamWriter(this, StandardCharsets.UTF_8);
    }
  }

  private static Called called(Writer out, Object... args) {
    StringWriter err = new StringWriter();
    String[] words = new String[args.length];
    for (int i = 0; i < words.length; i++) {
      words[i] = String.valueOf(args[i]);
    }
    int code = Main.run(out, new PrintWriter(err), words);
    return new Called(code, "", err.toString());
  }

  static boolean hasFull() {
    return Files.exists(FULL);
  }

  @Test
  @EnabledIf("hasFull")
  void aFullDiskBehindStandardOutputIsBadInput() throws IOException {
    try (FileOutputStream full = new FileOutputStream(FULL.toFile())) {
      Console console = new Console(full, new PrintStream(OutputStream.nullOutputStream()), false);
      Called called = called(console.out(), "version");
      assertThat(called.code()).isEqualTo(2);
      assertThat(called.err().lines())
          .containsExactly(
              "cria: no room for standard output (No space left on device): free some where it"
                  + " goes, or redirect it elsewhere, and give the same command again");
    }
  }

  @Test
  void anyOtherFailureIsToldWithItsReason() {
    Called called = called(new Failing(0, "Input/output error").writer(), "help");
    assertThat(called.code()).isEqualTo(2);
    assertThat(called.err().lines())
        .containsExactly(
            "cria: cannot write standard output (Input/output error): see where it is redirected"
                + " to, and give the same command again");
  }

  @Test
  void aReaderThatHasLeftIsNoFailure() {
    assertThat(called(new Failing(0, "Broken pipe").writer(), "help"))
        .isEqualTo(new Called(0, "", ""));
  }

  @Test
  void aCommandThatHasFailedByItselfKeepsItsCode() {
    StringWriter told = new StringWriter();
    assertThat(LostOutput.code(6, new IOException("Input/output error"), told::write)).isEqualTo(6);
    assertThat(told.toString()).startsWith("cannot write standard output");
    assertThat(LostOutput.code(4, new IOException("Broken pipe"), told::write)).isEqualTo(4);
  }

  @ParameterizedTest
  @EnumSource(
      value = ResultPrinter.Format.class,
      names = {"JSONL", "CSV", "MD"})
  void aLongResultIsNotMadeForNobody(ResultPrinter.Format format) {
    Failing out = new Failing(1, "Broken pipe");
    ResultPrinter printer =
        new ResultPrinter(
            new PrintWriter(new ResultWriter(out.writer())),
            Terminal.of(ColourWhen.NEVER, Map.of()),
            10,
            true,
            false,
            note -> {});
    // the last rows cannot be made: nobody comes to them
    assertThatThrownBy(
            () ->
                printer.print(
                    LocalSpark.session()
                        .range(0, 100_000, 1, 10)
                        .selectExpr("id", "if(id > 50000, raise_error('made'), 'x') as x"),
                    format))
        .isInstanceOf(LostOutput.class);
    assertThat(out.writes).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"--raw", "--score"})
  void noAnswersAreMadeForNobody(String what) throws IOException {
    Path model = TinyCheckpoint.create(folder.resolve("model"));
    Path questions = folder.resolve("questions.jsonl");
    Files.writeString(questions, "{\"instruction\": \"the\"}\n".repeat(4));
    // a model that is asked once more is ended, with another exit code
    OutputStream ending =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            Thread.currentThread().interrupt();
            throw new IOException("Broken pipe");
          }
        };
    Called called =
        called(
            new OutputStreamWriter(ending, StandardCharsets.UTF_8),
            "generate",
            "--checkpoint",
            model,
            what,
            "--input",
            questions,
            "--batch",
            1);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(called).isEqualTo(new Called(0, "", ""));
  }
}
