package io.cria.llm;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * One secret as texts may show it: as it is; escaped for JSON, also within a string of JSON, for an
 * address or for HTML; inside of base64, alone or amid other text; and its beginning, which servers
 * quote of a key that they refuse.
 */
final class SecretForms {
  private static final String BLACK = Redactor.BLACK;

  /** Nobody escapes these. */
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9._-]+");

  /** Shorter ones in base64 may be a part of anything. */
  private static final int SHORTEST_CODED = 8;

  /** Of a secret so long so much of its beginning is one too. */
  private static final int LONG = 20;

  private static final int BEGINNING = 12;

  private final String secret;
  private final List<UnaryOperator<String>> forms = new ArrayList<>();

  SecretForms(String secret) {
    this.secret = secret;
    forms.add(blackingOut(secret));
    inBase64(secret).forEach(code -> forms.add(blackingOut(code)));
  }

  /** The text without the whole secret in any form. */
  String blackOutWhole(String text) {
    String clean = text;
    for (UnaryOperator<String> form : forms) {
      clean = form.apply(clean);
    }
    return clean;
  }

  /** The text without the secret in any form, and without the beginning of a long one. */
  String blackOut(String text) {
    String clean = blackOutWhole(text);
    return secret.length() >= LONG ? withoutBeginnings(clean) : clean;
  }

  private static UnaryOperator<String> blackingOut(String form) {
    if (PLAIN.matcher(form).matches()) {
      return text -> text.replace(form, BLACK);
    }
    Pattern written = written(form);
    return text -> written.matcher(text).replaceAll(BLACK);
  }

  /** Each character that may be escaped as it is or so. */
  private static Pattern written(String form) {
    StringBuilder pattern = new StringBuilder();
    for (int i = 0; i < form.length(); i++) {
      char c = form.charAt(i);
      String itself = Pattern.quote(String.valueOf(c));
      pattern.append(
          PLAIN.matcher(String.valueOf(c)).matches()
              ? itself
              : String.format(
                  Locale.ROOT,
                  "(?:\\\\*%s|(?i:\\\\+u%04x|%%%02x|&#0*%d;|&#x0*%x;%s))",
                  itself,
                  (int) c,
                  (int) c,
                  (int) c,
                  (int) c,
                  named(c)));
    }
    return Pattern.compile(pattern.toString());
  }

  private static String named(char c) {
    return switch (c) {
      case '&' -> "|&amp;";
      case '<' -> "|&lt;";
      case '>' -> "|&gt;";
      case '"' -> "|&quot;";
      case '\'' -> "|&apos;";
      default -> "";
    };
  }

  /** What stands in the base64 of any text that has the secret, wherever in it. */
  private static Set<String> inBase64(String secret) {
    Set<String> codes = new TreeSet<>();
    if (secret.length() >= SHORTEST_CODED) {
      for (int shift = 0; shift < 3; shift++) {
        codes.add(inBase64(secret, shift, Base64.getEncoder()));
        codes.add(inBase64(secret, shift, Base64.getUrlEncoder()));
      }
    }
    return codes;
  }

  /** The characters that hang on nothing but the secret, so many bytes after a group's start. */
  private static String inBase64(String secret, int shift, Base64.Encoder encoder) {
    byte[] bytes = ("\0".repeat(shift) + secret).getBytes(StandardCharsets.US_ASCII);
    String code = encoder.withoutPadding().encodeToString(bytes);
    return code.substring((8 * shift + 5) / 6, 8 * bytes.length / 6);
  }

  private String withoutBeginnings(String text) {
    String beginning = secret.substring(0, BEGINNING);
    int at = text.indexOf(beginning);
    if (at < 0) {
      return text;
    }
    StringBuilder clean = new StringBuilder();
    int copied = 0;
    while (at >= 0) {
      int end = at + BEGINNING;
      while (end < text.length()
          && end - at < secret.length()
          && text.charAt(end) == secret.charAt(end - at)) {
        end++;
      }
      clean.append(text, copied, at).append(BLACK);
      copied = end;
      at = text.indexOf(beginning, end);
    }
    return clean.append(text, copied, text.length()).toString();
  }
}
