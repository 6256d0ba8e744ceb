package io.cria.template;

/** A text being written, bounded in length. */
final class Output {
  private final StringBuilder text = new StringBuilder();

  Output append(String more) {
    Limits.text((long) text.length() + more.length());
    text.append(more);
    return this;
  }

  Output append(char more) {
    Limits.text(text.length() + 1L);
    text.append(more);
    return this;
  }

  Output appendCodePoint(int more) {
    Limits.text(text.length() + 2L);
    text.appendCodePoint(more);
    return this;
  }

  Output repeat(String more, long times) {
    if (times > 0 && !more.isEmpty()) {
      Limits.text(Math.max(times, times * more.length()));
      append(more.repeat((int) times));
    }
    return this;
  }

  int length() {
    return text.length();
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
