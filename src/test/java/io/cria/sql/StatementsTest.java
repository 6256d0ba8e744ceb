package io.cria.sql;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StatementsTest {
  @Test
  void statementsAreCutAtSemicolons() {
    assertThat(Statements.split("select 1; select 2\n;\n")).containsExactly("select 1", "select 2");
  }

  @Test
  void semicolonsInQuotesAndCommentsDoNotCut() {
    assertThat(
            Statements.split("select ';', \"a;b\", `c;d`, 'it\\'s; so' -- no; cut\n, 1 /* ; */; x"))
        .containsExactly("select ';', \"a;b\", `c;d`, 'it\\'s; so' -- no; cut\n, 1 /* ; */", "x");
  }

  @Test
  void whiteSpaceAndCommentsAloneAreNoStatement() {
    assertThat(Statements.split(" ;; -- nothing\n; /* ; nor */ ;")).isEmpty();
  }

  @Test
  void anOpenQuoteOrCommentTakesTheRest() {
    assertThat(Statements.split("select 'a; b")).containsExactly("select 'a; b");
    assertThat(Statements.split("select 1 /* a; b")).containsExactly("select 1 /* a; b");
  }
}
