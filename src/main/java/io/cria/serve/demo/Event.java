package io.cria.serve.demo;

import org.jspecify.annotations.Nullable;

/**
 * What the page hears while it waits for an answer.
 *
 * @param kind {@code waiting}, {@code writing} (nothing new, it goes on), {@code sentence}, {@code
 *     blocked}, {@code end}
 * @param text a sentence, or why there is no more
 * @param ahead how many are served before
 */
record Event(String kind, @Nullable String text, @Nullable Integer ahead) {
  static Event waiting(int ahead) {
    return new Event("waiting", null, ahead);
  }

  static Event writing() {
    return new Event("writing", null, null);
  }

  static Event sentence(String text) {
    return new Event("sentence", text, null);
  }

  static Event blocked(String why) {
    return new Event("blocked", why, null);
  }

  /**
   * @param note what is to be known of the answer's end; null for nothing
   */
  static Event end(@Nullable String note) {
    return new Event("end", note, null);
  }
}
