package io.cria.decoding;

import io.cria.task.TextListener;
import java.util.List;

/** What a listener has heard of a text that is being written. */
public final class Told {
  private final TextListener listener;
  private final List<String> stops;
  private int length;

  /**
   * @param stops texts that end the answer, none of them empty
   */
  public Told(TextListener listener, List<String> stops) {
    this.listener = listener;
    this.stops = stops;
  }

  /**
   * Tells what is new of a text that goes on.
   *
   * @return whether it is to go on
   */
  public boolean soFar(String text) {
    return tell(text, certain(text));
  }

  /** Tells the rest. */
  public void whole(String text) {
    boolean unused = tell(text, text.length());
  }

  private boolean tell(String text, int end) {
    if (end <= length) {
      return listener.hear("");
    }
    String more = text.substring(length, end);
    length = end;
    return listener.hear(more);
  }

  /** Before what may be a torn character or the beginning of a stop text. */
  private int certain(String text) {
    int end = text.length();
    while (end > 0 && text.charAt(end - 1) == '\uFFFD') {
      end--;
    }
    int certain = end;
    for (String stop : stops) {
      for (int held = Math.min(stop.length() - 1, end); held > 0; held--) {
        if (text.startsWith(stop.substring(0, held), end - held)) {
          certain = Math.min(certain, end - held);
          break;
        }
      }
    }
    return certain;
  }
}
