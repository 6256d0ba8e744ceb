package io.cria.serve.embedded;

import java.util.Collection;
import java.util.List;

/**
 * Makes text harmless to llama.cpp's tokenizer, which turns the written name of a control token
 * anywhere in a prompt into that token: a space goes in after the first character of each.
 */
final class PlainText {
  private final List<String> controlTexts;

  PlainText(Collection<String> controlTexts) {
    this.controlTexts = controlTexts.stream().filter(text -> text.length() > 1).toList();
  }

  /** {@code text} with no control token's name in it. */
  String of(String text) {
    StringBuilder plain = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      plain.append(text.charAt(i));
      if (startsControlText(text, i)) {
        plain.append(' ');
      }
    }
    return plain.toString();
  }

  private boolean startsControlText(String text, int at) {
    for (String control : controlTexts) {
      if (text.startsWith(control, at)) {
        return true;
      }
    }
    return false;
  }
}
