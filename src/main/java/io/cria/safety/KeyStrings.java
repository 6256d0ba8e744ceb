package io.cria.safety;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Keys and passwords: forms that providers give theirs, private keys in PEM, values assigned to a
 * name that says so, and random-looking tokens. Hashes in hexadecimal, UUIDs, base64 of a text,
 * long base64 as of images, names in code, and what is plainly a placeholder are none.
 */
final class KeyStrings {
  private static final Pattern KNOWN =
      Pattern.compile(
          "(?<![A-Za-z0-9_])(?:sk-[A-Za-z0-9_-]{20,200}|(?:AKIA|ASIA)[A-Z0-9]{16}"
              + "|gh[oprsu]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{60,100}"
              + "|glpat-[A-Za-z0-9_-]{20,64}|xox[abeoprs]-[A-Za-z0-9-]{10,250}"
              + "|AIza[A-Za-z0-9_-]{35}|[rs]k_(?:live|test)_[A-Za-z0-9]{16,128}"
              + "|hf_[A-Za-z0-9]{30,64}|npm_[A-Za-z0-9]{36}|pypi-[A-Za-z0-9_-]{50,250}"
              + "|gsk_[A-Za-z0-9]{40,64}|SG\\.[A-Za-z0-9_-]{22}\\.[A-Za-z0-9_-]{43}"
              + "|eyJ[A-Za-z0-9_-]{10,2000}\\.eyJ[A-Za-z0-9_-]{10,4000}\\.[A-Za-z0-9_-]{16,1000})"
              + "(?![A-Za-z0-9_])");

  private static final Pattern PEM =
      Pattern.compile("-----BEGIN (?:[A-Z0-9]{1,16} ){0,3}PRIVATE KEY(?: BLOCK)?-----");

  private static final String PEM_END = "PRIVATE KEY";
  private static final String DASHES = "-----";

  private static final Pattern ASSIGNED =
      Pattern.compile(
          "(?:api[_ -]?key|secret(?:[_ -]?(?:access[_ -]?)?key)?|access[_ -]?(?:key|token)"
              + "|auth[_ -]?token|token|password|passwd|bearer|비밀번호|암호|토큰)"
              + "[\"']?(?:\\s{0,3}(?:[:=]|은|는|이|is)\\s{0,3}|\\s)[\"']?"
              + "([A-Za-z0-9_+/=.!@#$%^&*~-]{12,128})",
          Pattern.CASE_INSENSITIVE);

  private static final Pattern TOKEN =
      Pattern.compile("(?<![A-Za-z0-9+/=_.:@-])[A-Za-z0-9_-]{32,64}(?![A-Za-z0-9+/=_.:@-])");

  private static final Pattern HEX = Pattern.compile("[0-9a-fA-F-]+");

  private static final Pattern PLACEHOLDER =
      Pattern.compile(
          "your|example|sample|placeholder|dummy|xxxx|\\*\\*\\*|\\.\\.\\.|123456789|changeme"
              + "|abcdefgh|here$",
          Pattern.CASE_INSENSITIVE);

  private static final double SOME_ENTROPY = 3;
  private static final double HIGH_ENTROPY = 3.9;
  private static final double MIXED = 0.45;
  private static final int SHOWN = 4;

  /** What stands for bytes that are no UTF-8. */
  private static final char BROKEN = '\uFFFD';

  private KeyStrings() {}

  static List<PiiMatch> ofKnownForm(String text) {
    List<PiiMatch> found = new ArrayList<>(privateKeys(text));
    Matcher known = KNOWN.matcher(text);
    while (known.find()) {
      String key = known.group();
      if (entropy(key) >= SOME_ENTROPY && isNoPlaceholder(key) && hasDigitOrMixedCase(key)) {
        add(found, text, known.start(), known.end());
      }
    }
    return found;
  }

  static List<PiiMatch> ofHighEntropy(String text) {
    List<PiiMatch> found = new ArrayList<>();
    Matcher assigned = ASSIGNED.matcher(text);
    while (assigned.find()) {
      String value = assigned.group(1);
      if (classes(value) >= 3 && entropy(value) >= SOME_ENTROPY && isNoPlaceholder(value)) {
        add(found, text, assigned.start(1), assigned.end(1));
      }
    }
    Matcher token = TOKEN.matcher(text);
    while (token.find()) {
      if (looksRandom(token.group())) {
        add(found, text, token.start(), token.end());
      }
    }
    return found;
  }

  /** From the block's first line to its last, or to the text's end where that is cut off. */
  private static List<PiiMatch> privateKeys(String text) {
    List<PiiMatch> found = new ArrayList<>();
    Matcher begin = PEM.matcher(text);
    int from = 0;
    while (begin.find(from)) {
      int name = text.indexOf(PEM_END, begin.end());
      int dashes = name < 0 ? -1 : text.indexOf(DASHES, name);
      int end = dashes < 0 ? text.length() : dashes + DASHES.length();
      found.add(new PiiMatch(PiiKind.KEY, begin.start(), end, begin.group() + "***"));
      from = end;
    }
    return found;
  }

  private static void add(List<PiiMatch> found, String text, int start, int end) {
    String masked = text.substring(start, start + SHOWN) + "***";
    PiiMatch match = new PiiMatch(PiiKind.KEY, start, end, masked);
    if (found.stream().noneMatch(match::overlaps)) {
      found.add(match);
    }
  }

  private static boolean looksRandom(String token) {
    return !HEX.matcher(token).matches()
        && classes(token) == 3
        && entropy(token) >= HIGH_ENTROPY
        && changes(token) >= MIXED
        && isNoPlaceholder(token)
        && !encodesText(token);
  }

  private static boolean isNoPlaceholder(String token) {
    return !PLACEHOLDER.matcher(token).find();
  }

  private static boolean hasDigitOrMixedCase(String token) {
    return token.chars().anyMatch(Character::isDigit)
        || !token.equals(token.toLowerCase(Locale.ROOT));
  }

  /** How many of upper case, lower case and digits occur. */
  private static int classes(String token) {
    return (int) token.chars().map(KeyStrings::kind).filter(kind -> kind > 0).distinct().count();
  }

  /**
   * The share of neighbours of different kinds: of random tokens over one half, of words little.
   */
  private static double changes(String token) {
    int changes = 0;
    for (int i = 1; i < token.length(); i++) {
      changes += kind(token.charAt(i)) == kind(token.charAt(i - 1)) ? 0 : 1;
    }
    return (double) changes / (token.length() - 1);
  }

  private static int kind(int c) {
    if (c >= '0' && c <= '9') {
      return 1;
    }
    if (c >= 'a' && c <= 'z') {
      return 2;
    }
    return c >= 'A' && c <= 'Z' ? 3 : 0;
  }

  /** Shannon's entropy of the characters' frequencies, in bits. */
  private static double entropy(String token) {
    int[] counts = new int[128];
    token.chars().forEach(c -> counts[c]++);
    double entropy = 0;
    for (int count : counts) {
      if (count > 0) {
        double share = (double) count / token.length();
        entropy -= share * Math.log(share) / Math.log(2);
      }
    }
    return entropy;
  }

  /** Whether the token is base64 of a text in UTF-8, whose last character may be cut off. */
  private static boolean encodesText(String token) {
    // without padding up to three characters at the end may be cut off
    String whole = token.substring(0, token.length() / 4 * 4).replace('-', '+').replace('_', '/');
    byte[] decoded = Base64.getDecoder().decode(whole.getBytes(StandardCharsets.US_ASCII));
    long strange =
        new String(decoded, StandardCharsets.UTF_8)
            .chars()
            .filter(c -> c == BROKEN || (c < ' ' && c != '\n' && c != '\t' && c != '\r'))
            .count();
    return strange <= 1;
  }
}
