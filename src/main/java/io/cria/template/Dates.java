package io.cria.template;

import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;

/** Dates by the directives of C's strftime, in English. */
final class Dates {
  private static final Map<Character, String> PATTERNS =
      Map.ofEntries(
          Map.entry('a', "EEE"),
          Map.entry('A', "EEEE"),
          Map.entry('b', "MMM"),
          Map.entry('B', "MMMM"),
          Map.entry('d', "dd"),
          Map.entry('F', "yyyy-MM-dd"),
          Map.entry('H', "HH"),
          Map.entry('I', "hh"),
          Map.entry('j', "DDD"),
          Map.entry('m', "MM"),
          Map.entry('M', "mm"),
          Map.entry('p', "a"),
          Map.entry('S', "ss"),
          Map.entry('T', "HH:mm:ss"),
          Map.entry('y', "yy"),
          Map.entry('Y', "yyyy"));

  private Dates() {}

  static String format(LocalDateTime time, String format) {
    Output output = new Output();
    for (int i = 0; i < format.length(); i++) {
      if (format.charAt(i) != '%') {
        output.append(format.charAt(i));
        continue;
      }
      boolean bare = format.startsWith("%-", i);
      i += bare ? 2 : 1;
      String value = i < format.length() ? directive(time, format.charAt(i)) : "%";
      output.append(bare ? value.replaceFirst("^0+(?=.)", "") : value);
    }
    return output.toString();
  }

  private static String directive(LocalDateTime time, char directive) {
    if (directive == '%') {
      return "%";
    }
    String pattern = PATTERNS.get(directive);
    if (pattern == null) {
      throw new Fault("strftime_now: %" + directive + " is not supported");
    }
    return DateTimeFormatter.ofPattern(pattern, Locale.US).format(time);
  }
}
