package io.cria.cli;

import java.util.regex.Pattern;

/** Local paths as people write them, where a text has them as Hadoop does. */
final class PlainPaths {
  private static final Pattern LOCAL = Pattern.compile("(?<![\\w+.-])file:(?://)?/(?!/)");

  private PlainPaths() {}

  /** {@code file:/tmp/run} is {@code /tmp/run}. */
  static String in(String text) {
    return LOCAL.matcher(text).replaceAll("/");
  }
}
