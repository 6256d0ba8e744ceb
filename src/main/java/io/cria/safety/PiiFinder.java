package io.cria.safety;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Finds what is personal or secret in a text by form, checksum and context: e-mail addresses, phone
 * numbers, IBANs, payment cards, Korean resident registration numbers, keys. What is reserved for
 * documentation, such as addresses at example.com, is none. Names and postal addresses have no form
 * and are not looked for.
 *
 * <p>{@code find("Call 010-0000-1289.")} is one {@link PiiKind#PHONE} at [5, 18), masked {@code
 * ***-****-**89}.
 */
public final class PiiFinder {
  /** The surer rule first: where two claim a place, it is the earlier one's. */
  private static final List<PiiRule> RULES =
      List.of(
          KeyStrings::ofKnownForm,
          Emails::find,
          Ibans::find,
          ResidentNumbers::find,
          PaymentCards::find,
          PhoneNumbers::find,
          KeyStrings::ofHighEntropy);

  private PiiFinder() {}

  /** All places, in the text's order, none overlapping. */
  public static List<PiiMatch> find(String text) {
    List<PiiMatch> found = new ArrayList<>();
    for (PiiRule rule : RULES) {
      List<PiiMatch> free =
          rule.find(text).stream()
              .filter(match -> found.stream().noneMatch(match::overlaps))
              .toList();
      found.addAll(free);
    }
    found.sort(Comparator.comparingInt(PiiMatch::start));
    return List.copyOf(found);
  }

  /** The text with every place masked. */
  public static String mask(String text) {
    StringBuilder masked = new StringBuilder();
    int at = 0;
    for (PiiMatch match : find(text)) {
      masked.append(text, at, match.start()).append(match.masked());
      at = match.end();
    }
    return masked.append(text, at, text.length()).toString();
  }
}
