package io.cria.cli;

import io.cria.shard.TokenisedExample;
import io.cria.tokenizer.ModelTokenizer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The text of a training example with its learnt tokens marked, for the eye; and what looks wrong
 * with it. Control tokens stand as their texts, and the text as {@link Visible} has it.
 */
final class MaskedText {
  /** Reverse: so spaces at the edges are seen too. */
  private static final String COLOUR = "\u001b[7m";

  private static final String PLAIN = "\u001b[0m";

  /** What stands around learnt text without colour: the first that the text does not hold. */
  private static final List<String> BRACKETS = List.of("⟦⟧", "⟪⟫", "⦃⦄", "⦅⦆");

  private final TokenisedExample example;
  private final ModelTokenizer tokenizer;
  private final Set<Integer> control = new HashSet<>();
  private final List<Run> runs;

  /**
   * @param tokenizer whose ids the example holds
   */
  MaskedText(TokenisedExample example, ModelTokenizer tokenizer) {
    this.example = example;
    this.tokenizer = tokenizer;
    tokenizer.controlTokens().forEach(token -> tokenizer.idOf(token).ifPresent(control::add));
    this.runs = runs();
  }

  /** Tokens in a row that are all learnt, or all not. */
  private record Run(int start, int end, boolean learnt, String text) {}

  private List<Run> runs() {
    List<Run> found = new ArrayList<>();
    int before = 0;
    int start = 0;
    for (int at = 1; at <= example.length(); at++) {
      if (at == example.length() || example.isLearnt(at) != example.isLearnt(start)) {
        found.add(new Run(start, at, example.isLearnt(start), text(before, start, at)));
        before = start;
        start = at;
      }
    }
    return found;
  }

  /**
   * The text of the tokens from {@code start} to {@code end} behind those from {@code before} on:
   * some tokenizers write a text's first token otherwise than the same token within a text.
   */
  private String text(int before, int start, int end) {
    String head = decode(before, start);
    String whole = decode(before, end);
    return whole.startsWith(head) ? whole.substring(head.length()) : decode(start, end);
  }

  private String decode(int start, int end) {
    int[] ids = new int[end - start];
    for (int i = start; i < end; i++) {
      ids[i - start] = example.id(i);
    }
    return ids.length == 0 ? "" : tokenizer.decode(ids, false);
  }

  /** The text with learnt tokens in colour. */
  String coloured() {
    StringBuilder text = new StringBuilder();
    for (Run run : runs) {
      String shown = Visible.of(run.text());
      // a line at a time, or a terminal would paint the rest of the line as well
      text.append(
          run.learnt() ? COLOUR + shown.replace("\n", PLAIN + "\n" + COLOUR) + PLAIN : shown);
    }
    return text.toString().replace(COLOUR + PLAIN, "");
  }

  /** The text with learnt tokens between {@link #brackets}. */
  String bracketed() {
    String brackets = brackets();
    StringBuilder text = new StringBuilder();
    for (Run run : runs) {
      String shown = Visible.of(run.text());
      text.append(run.learnt() ? brackets.charAt(0) + shown + brackets.charAt(1) : shown);
    }
    return text.toString();
  }

  /** The two characters around what is learnt. */
  String brackets() {
    return BRACKETS.stream()
        .filter(pair -> !holds(pair.charAt(0)) && !holds(pair.charAt(1)))
        .findFirst()
        .orElse(BRACKETS.get(BRACKETS.size() - 1));
  }

  /** Whether the text holds characters that the usual brackets are, so that others stand there. */
  boolean hasOtherBrackets() {
    return !brackets().equals(BRACKETS.get(0));
  }

  private boolean holds(char bracket) {
    return runs.stream().anyMatch(run -> run.text().indexOf(bracket) >= 0);
  }

  /** What looks wrong, a sentence each without its end. */
  List<String> doubts() {
    List<String> doubts = new ArrayList<>();
    int learnt = example.learntTokens();
    if (learnt == 0) {
      doubts.add("nothing of it is learnt");
      return doubts;
    }
    // nothing predicts the first token
    if (learnt >= example.length() - 1) {
      doubts.add("all of it is learnt, the prompt too");
    }
    Run last = runs.stream().filter(Run::learnt).reduce((first, next) -> next).orElseThrow();
    if (!control.contains(example.id(last.end() - 1))) {
      doubts.add(
          "its last learnt token is no control token, so no end of an answer is learnt (one that"
              + " was cut has none)");
    }
    long unlearntEnds =
        runs.stream().filter(run -> !run.equals(last) && endsBeforeControl(run)).count();
    if (unlearntEnds > 0) {
      doubts.add(
          "the control token behind a learnt part is not learnt, " + unlearntEnds + " times");
    }
    plainControl()
        .forEach(
            token ->
                doubts.add("'" + token + "' stands in it as plain text, not as the control token"));
    return doubts;
  }

  private boolean endsBeforeControl(Run run) {
    return run.learnt()
        && !control.contains(example.id(run.end() - 1))
        && control.contains(example.id(run.end()));
  }

  /** Control tokens whose texts are made of other tokens here: somebody wrote them. */
  private List<String> plainControl() {
    List<String> found = new ArrayList<>();
    int start = 0;
    for (int at = 0; at <= example.length(); at++) {
      if (at == example.length() || control.contains(example.id(at))) {
        String text = decode(start, at);
        tokenizer.controlTokens().stream().filter(text::contains).forEach(found::add);
        start = at + 1;
      }
    }
    return found.stream().distinct().toList();
  }
}
