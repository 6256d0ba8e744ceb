package io.cria.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.cli.Main;
import io.cria.testing.LocalSpark;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;

/** {@code cria verify} as it was called. */
record VerifyCall(int code, String out, String err) {
  static VerifyCall verify(Path path) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    LocalSpark.session();
    int code = Main.run(new PrintWriter(out), new PrintWriter(err), "verify", path.toString());
    return new VerifyCall(code, out.toString(), err.toString());
  }

  void finds(String line) {
    assertThat(out).as(err).contains("wrong: " + line);
    assertThat(code).as(out).isEqualTo(6);
    assertThat(err).contains("not as it was made").hasLineCount(1);
  }

  void isWhole() {
    assertThat(out).as(err).contains("is as it was made").doesNotContain("wrong:");
    assertThat(code).isZero();
  }
}
