package io.cria.template;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The text of one turn, from where its prompt ends, and the control tokens in it. */
final class Turn {
  private final String text;
  private final int start;
  private final List<Range> controls;

  Turn(ControlTexts controls, String text, int start) {
    this.text = text;
    this.start = start;
    this.controls = controls.from(text, start);
  }

  /**
   * Where what was said ends: before the first token that usually ends a turn and has the answer
   * before it, else anywhere; there in the last part between control tokens that holds it. Control
   * tokens themselves hold letters that a short answer may consist of.
   *
   * @param usual the text that ends turns of this template, or null
   * @return the turn's start for an answer without text, -1 where the answer is not found
   */
  int endOf(String answer, @Nullable String usual) {
    if (answer.isEmpty()) {
      return start;
    }
    for (int i = 0; i < controls.size(); i++) {
      if (textOf(controls.get(i)).equals(usual)) {
        int end = lastBefore(answer, i);
        if (end >= 0) {
          return end;
        }
      }
    }
    return lastBefore(answer, controls.size());
  }

  /** Where its last occurrence ends before control token {@code count}; -1 where there is none. */
  private int lastBefore(String answer, int count) {
    for (int i = count; i >= 0; i--) {
      int from = i == 0 ? start : controls.get(i - 1).end();
      int to = i == controls.size() ? text.length() : controls.get(i).start();
      int found = text.substring(from, to).lastIndexOf(answer);
      if (found >= 0) {
        return from + found + answer.length();
      }
    }
    return -1;
  }

  private String textOf(Range control) {
    return text.substring(control.start(), control.end());
  }

  /** Where the last part between control tokens that is not blank ends. */
  int endOfText() {
    int to = text.length();
    for (int i = controls.size(); i >= 0; i--) {
      int from = i == 0 ? start : controls.get(i - 1).end();
      if (!Strings.isBlank(text.substring(from, to))) {
        return to;
      }
      to = i == 0 ? to : controls.get(i - 1).start();
    }
    return start;
  }

  @Nullable Range firstControlFrom(int from) {
    return controls.stream().filter(control -> control.start() >= from).findFirst().orElse(null);
  }

  /** The texts of the first control token from there and of those that follow it directly. */
  List<String> controlsFrom(int from) {
    List<String> texts = new ArrayList<>();
    int at = -1;
    for (Range control : controls) {
      if (control.start() >= from && (at < 0 || control.start() == at)) {
        texts.add(textOf(control));
        at = control.end();
      }
    }
    return texts;
  }

  /**
   * The token that ends the turn.
   *
   * @param said where what was said ends
   * @param usual the text that ends turns of this template, or null
   * @param calls whether the turn calls tools, whose own control tokens may follow the last text
   */
  @Nullable Range endToken(int said, @Nullable String usual, boolean calls) {
    for (Range control : controls) {
      if (control.start() >= said && textOf(control).equals(usual)) {
        return control;
      }
    }
    if (calls && !controls.isEmpty()) {
      Range last = controls.get(controls.size() - 1);
      return last.start() >= said ? last : null;
    }
    return firstControlFrom(said);
  }
}
