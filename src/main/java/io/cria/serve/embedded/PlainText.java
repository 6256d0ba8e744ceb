package io.cria.serve.embedded;

import io.cria.template.ControlTexts;
import java.util.Collection;

/**
 * Makes text harmless to llama.cpp's tokenizer, which turns the written name of a control token
 * anywhere in a prompt into that token: a space goes in after the first character of each.
 */
final class PlainText {
  private final ControlTexts controls;

  PlainText(Collection<String> controlTexts) {
    this.controls =
        new ControlTexts(controlTexts.stream().filter(text -> text.length() > 1).toList());
  }

  /** {@code text} with no control token's name in it. */
  String of(String text) {
    return controls.marked(text, ' ');
  }
}
