package io.cria.safety;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * International bank account numbers (ISO 13616), written whole or in groups with single spaces:
 * the country's length and the check digits must fit.
 */
final class Ibans {
  /** By length, the countries of SWIFT's registry. */
  private static final String[] COUNTRIES = {
    "15 NO",
    "16 BE",
    "18 DK FI FK FO GL NL SD",
    "19 MK SI",
    "20 AT BA EE KZ LT LU MN XK",
    "21 CH HR LI LV",
    "22 BG BH CR DE GB GE IE ME RS VA",
    "23 AE GI IL IQ OM SO TL",
    "24 AD CZ ES MD PK RO SA SE SK TN VG",
    "25 LY PT ST",
    "26 IS TR",
    "27 BI DJ FR GR IT MC MR SM",
    "28 AL AZ BY CY DO GT HN HU LB NI PL SV",
    "29 BR EG PS QA UA",
    "30 JO KW MU YE",
    "31 MT SC",
    "32 LC",
    "33 RU"
  };

  private static final Map<String, Integer> LENGTHS = lengths();
  private static final Pattern START = Pattern.compile("(?<![A-Za-z0-9])[A-Z]{2}\\d{2}");
  private static final int COUNTRY = 2;
  private static final int SHOWN = 2;

  private Ibans() {}

  private static Map<String, Integer> lengths() {
    Map<String, Integer> lengths = new HashMap<>();
    for (String line : COUNTRIES) {
      String[] words = line.split(" ");
      for (int i = 1; i < words.length; i++) {
        lengths.put(words[i], Integer.valueOf(words[0]));
      }
    }
    return Map.copyOf(lengths);
  }

  static List<PiiMatch> find(String text) {
    List<PiiMatch> found = new ArrayList<>();
    Matcher start = START.matcher(text);
    while (start.find()) {
      int length = LENGTHS.getOrDefault(start.group().substring(0, COUNTRY), 0);
      StringBuilder number = new StringBuilder();
      int end = start.start();
      for (; end < text.length() && number.length() < length; end++) {
        char c = text.charAt(end);
        if (isAlphanumeric(c)) {
          number.append(c);
        } else if (c != ' ' || text.charAt(end - 1) == ' ') {
          break;
        }
      }
      boolean whole = end == text.length() || !isAlphanumericOrLower(text.charAt(end));
      if (length > 0 && number.length() == length && whole && fits(number)) {
        found.add(new PiiMatch(PiiKind.IBAN, start.start(), end, masked(number)));
      }
    }
    return found;
  }

  private static boolean isAlphanumeric(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
  }

  private static boolean isAlphanumericOrLower(char c) {
    return isAlphanumeric(c) || (c >= 'a' && c <= 'z');
  }

  /** The country and the check digits moved to the end, letters from 10 on: 1 modulo 97. */
  private static boolean fits(CharSequence number) {
    int rest = 0;
    for (int i = 0; i < number.length(); i++) {
      int value = Character.digit(number.charAt((i + 4) % number.length()), 36);
      rest = (rest * (value < 10 ? 10 : 100) + value) % 97;
    }
    return rest == 1;
  }

  private static String masked(CharSequence number) {
    return number.subSequence(0, COUNTRY)
        + "*".repeat(number.length() - COUNTRY - SHOWN)
        + number.subSequence(number.length() - SHOWN, number.length());
  }
}
