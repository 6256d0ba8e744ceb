package io.cria.safety;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Korean resident and foreigners' registration numbers: a date of birth, a digit for century and
 * sex, six more. Those issued since October 2020 have random digits and no checksum, and a number
 * does not tell when it was issued: whoever was born before may have got a new one. So a number is
 * one when its checksum holds; when the birth lies in the time without and it is written with its
 * hyphen; and, whatever its checksum, where the text calls it one just before.
 */
final class ResidentNumbers {
  private static final Pattern WRITTEN =
      Pattern.compile("(?<![\\w.+/#=-])(\\d{6})(-?)([1-8])(\\d{6})(?![\\w/]|[-.]\\w)");

  private static final Pattern CALLED =
      Pattern.compile(
          "주민\\s?등록|주민\\s?번호|외국인\\s?등록|거소\\s?신고|resident\\s+registration|\\bRRN\\b",
          Pattern.CASE_INSENSITIVE);

  /** How far before a number its name may stand. */
  private static final int NEAR = 30;

  private static final LocalDate WITHOUT_CHECKSUM = LocalDate.of(2020, 10, 5);
  private static final int[] WEIGHTS = {2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5};

  private ResidentNumbers() {}

  static List<PiiMatch> find(String text) {
    List<PiiMatch> found = new ArrayList<>();
    Matcher matcher = WRITTEN.matcher(text);
    while (matcher.find()) {
      Optional<LocalDate> birth = birth(matcher.group(1), matcher.group(3).charAt(0));
      if (birth.isPresent() && isOne(text, matcher, birth.get())) {
        String masked = Digits.masked(matcher.group(), 0);
        found.add(
            new PiiMatch(PiiKind.KOREAN_RESIDENT_NUMBER, matcher.start(), matcher.end(), masked));
      }
    }
    return found;
  }

  private static boolean isOne(String text, Matcher matcher, LocalDate birth) {
    boolean hyphen = !matcher.group(2).isEmpty();
    boolean withoutChecksum = hyphen && !birth.isBefore(WITHOUT_CHECKSUM);
    String before = text.substring(Math.max(0, matcher.start() - NEAR), matcher.start());
    return withoutChecksum
        || checksumHolds(Digits.only(matcher.group()))
        || CALLED.matcher(before).find();
  }

  private static Optional<LocalDate> birth(String yearMonthDay, char centuryAndSex) {
    int number = Integer.parseInt(yearMonthDay);
    int century = "1256".indexOf(centuryAndSex) >= 0 ? 1900 : 2000;
    try {
      return Optional.of(LocalDate.of(century + number / 10_000, number / 100 % 100, number % 100));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private static boolean checksumHolds(String digits) {
    int sum = 0;
    for (int i = 0; i < WEIGHTS.length; i++) {
      sum += WEIGHTS[i] * (digits.charAt(i) - '0');
    }
    // foreigners' numbers, from 5 on, end in one that is two more
    int offset = digits.charAt(6) >= '5' ? 13 : 11;
    return (offset - sum % 11) % 10 == digits.charAt(12) - '0';
  }
}
