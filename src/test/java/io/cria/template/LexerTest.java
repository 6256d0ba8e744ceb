package io.cria.template;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class LexerTest {
  @Test
  void aTagTakesTheBlanksBeforeItAndTheNewlineAfterIt() {
    assertThat(tokens("a\n  {% if x %}\n  b"))
        .isEqualTo("TEXT[a\n] TAG_BEGIN if x TAG_END TEXT[  b]");
  }

  @Test
  void aTagBehindATextOnItsLineLeavesTheBlanks() {
    assertThat(tokens("a  {% if x %} b")).isEqualTo("TEXT[a  ] TAG_BEGIN if x TAG_END TEXT[ b]");
  }

  @Test
  void aPrintTakesNothingOfItself() {
    assertThat(tokens("  {{ x }}\n")).isEqualTo("TEXT[  ] PRINT_BEGIN x PRINT_END");
    assertThat(tokens("  {{ x }}\n\n")).isEqualTo("TEXT[  ] PRINT_BEGIN x PRINT_END TEXT[\n]");
  }

  @Test
  void aMinusTakesAllWhiteSpaceOnItsSide() {
    assertThat(tokens("a \n\n{{- x -}} \n\n b"))
        .isEqualTo("TEXT[a] PRINT_BEGIN x PRINT_END TEXT[b]");
  }

  @Test
  void aPlusKeepsTheBlanksAndTheNewline() {
    assertThat(tokens("  {%+ if x +%}\nb")).isEqualTo("TEXT[  ] TAG_BEGIN if x TAG_END TEXT[\nb]");
  }

  @Test
  void aCommentIsTrimmedLikeATag() {
    assertThat(tokens("a\n {# b #}\nc{#- d -#} e")).isEqualTo("TEXT[a\n] TEXT[c] TEXT[e]");
  }

  @Test
  void whatIsRawIsText() {
    assertThat(tokens("{% raw %}\n{{ x }}{% endraw %}b")).isEqualTo("TEXT[\n{{ x }}] TEXT[b]");
  }

  @Test
  void lineEndsAreOneNewlineAndTheLastIsNotOfTheTemplate() {
    assertThat(tokens("a\r\nb\rc\r\n")).isEqualTo("TEXT[a\nb\nc]");
  }

  @Test
  void anEndInsideBracketsOrStringsIsNone() {
    assertThat(tokens("{{ {1: {2: '}}'}} }}"))
        .isEqualTo("PRINT_BEGIN { 1 : { 2 : }} } } PRINT_END");
  }

  @Test
  void digitsBehindADotAreAnIndex() {
    assertThat(tokens("{{ a.0.1 + 0.1 }}")).isEqualTo("PRINT_BEGIN a . 0 . 1 + 0.1 PRINT_END");
  }

  @Test
  void everyTokenKnowsItsLine() {
    assertThat(Lexer.tokens("a\n\n{{ x\n}}{# \n #}\n{% y %}"))
        .extracting(Token::line)
        .containsExactly(1, 3, 3, 4, 6, 6, 6, 6);
  }

  private static String tokens(String source) {
    return Lexer.tokens(source).stream()
        .filter(token -> token.kind() != Token.Kind.END)
        .map(
            token ->
                switch (token.kind()) {
                  case TEXT -> "TEXT[" + token.text() + "]";
                  case PRINT_BEGIN, PRINT_END, TAG_BEGIN, TAG_END -> token.kind().name();
                  default -> token.text();
                })
        .collect(Collectors.joining(" "));
  }
}
