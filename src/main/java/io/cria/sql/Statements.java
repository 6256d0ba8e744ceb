package io.cria.sql;

import java.util.ArrayList;
import java.util.List;

/** Cuts a SQL script into its statements. */
public final class Statements {
  private final String script;
  private final List<String> statements = new ArrayList<>();
  private int at;
  private int start;
  private boolean blank = true;

  private Statements(String script) {
    this.script = script;
  }

  /**
   * The statements of a script, cut at semicolons outside of quotes ({@code '}, {@code "}, {@code
   * `}, with backslash escapes) and comments ({@code -- …}, {@code /* … *}{@code /}); those of
   * white space and comments alone are left out.
   */
  public static List<String> split(String script) {
    Statements cutter = new Statements(script);
    cutter.cut();
    return List.copyOf(cutter.statements);
  }

  private void cut() {
    while (at < script.length()) {
      char c = script.charAt(at);
      if (c == '\'' || c == '"' || c == '`') {
        quoted(c);
      } else if (script.startsWith("--", at)) {
        to("\n");
      } else if (script.startsWith("/*", at)) {
        at += 2;
        to("*/");
      } else {
        if (c == ';') {
          take();
          start = at + 1;
        } else if (!Character.isWhitespace(c)) {
          blank = false;
        }
        at++;
      }
    }
    take();
  }

  private void take() {
    if (!blank) {
      statements.add(script.substring(start, at).strip());
    }
    blank = true;
  }

  private void quoted(char quote) {
    blank = false;
    for (at++; at < script.length() && script.charAt(at) != quote; at++) {
      if (script.charAt(at) == '\\' && quote != '`') {
        at++;
      }
    }
    at = Math.min(at + 1, script.length());
  }

  private void to(String end) {
    int found = script.indexOf(end, at);
    at = found < 0 ? script.length() : found + end.length();
  }
}
