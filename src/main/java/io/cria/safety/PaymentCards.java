package io.cria.safety;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Payment card numbers: an issuer's first digits and length, written whole or in the issuer's
 * groups, with Luhn's check digit. Numbers of Korean issuers that begin with 9 are known only in
 * groups of four, since one of ten numbers of sixteen digits would fit otherwise.
 */
final class PaymentCards {
  private static final Pattern WRITTEN =
      Pattern.compile(
          "(?<![\\w.+/#=-])(?:\\d{4}([ -])\\d{4}\\1\\d{4}\\1\\d{4}(?:\\1\\d{3})?"
              + "|\\d{4}([ -])\\d{6}\\2\\d{4,5}|\\d{14,19})(?![\\w/]|[-.]\\w| \\d)");

  private static final Pattern ISSUED =
      Pattern.compile(
          // Visa, Mastercard, American Express, Diners Club
          "4(?:\\d{15}|\\d{18})|5[1-5]\\d{14}"
              + "|2(?:22[1-9]|2[3-9]\\d|[3-6]\\d\\d|7[01]\\d|720)\\d{12}|3[47]\\d{13}"
              + "|3(?:0[0-5]|[689]\\d)\\d{11}"
              // Discover, JCB, UnionPay
              + "|6(?:011|5\\d\\d|4[4-9]\\d)\\d{12}(?:\\d{3})?"
              + "|35(?:2[89]|[3-8]\\d)\\d{12}|62\\d{14}(?:\\d{3})?");

  private static final Pattern KOREAN = Pattern.compile("9\\d{15}");
  private static final int SHOWN = 4;

  private PaymentCards() {}

  static List<PiiMatch> find(String text) {
    List<PiiMatch> found = new ArrayList<>();
    Matcher matcher = WRITTEN.matcher(text);
    while (matcher.find()) {
      String digits = Digits.only(matcher.group());
      boolean grouped = digits.length() < matcher.group().length();
      boolean issued =
          ISSUED.matcher(digits).matches() || (grouped && KOREAN.matcher(digits).matches());
      if (issued && luhn(digits)) {
        String masked = Digits.masked(matcher.group(), SHOWN);
        found.add(new PiiMatch(PiiKind.PAYMENT_CARD, matcher.start(), matcher.end(), masked));
      }
    }
    return found;
  }

  /** Every second digit from the right doubled, its digits summed: a multiple of ten. */
  private static boolean luhn(String digits) {
    int sum = 0;
    for (int i = 0; i < digits.length(); i++) {
      int digit = digits.charAt(digits.length() - 1 - i) - '0';
      int weighted = i % 2 == 0 ? digit : 2 * digit;
      sum += weighted / 10 + weighted % 10;
    }
    return sum % 10 == 0;
  }
}
