package io.cria.safety;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Phone numbers: international ones with their plus; Korean mobile and area numbers; North American
 * ones of ten digits with separators. Numbers kept for fiction (555-0100 to 555-0199) and firms'
 * eight-digit service numbers are none. Other countries' domestic forms cannot be told from other
 * numbers and are not looked for.
 */
final class PhoneNumbers {
  private static final String BEFORE = "(?<![\\w.+/#=-])";
  private static final String AFTER = "(?![\\w/]|[-.]\\w)";

  private static final List<Pattern> FORMS =
      List.of(
          // ten digits and more, or eight with separators
          Pattern.compile(
              "(?<![\\w.+)-])\\+[1-9](?:(?:[ .-]|[ -]?\\(|\\)[ -]?)?\\d){9,14}+(?!\\w|[-.]\\d)"),
          Pattern.compile("(?<![\\w.+)-])\\+[1-9]\\d{0,2}(?:[ -]\\d{2,4}){2,4}+(?!\\w|[-.]\\d)"),
          Pattern.compile(BEFORE + "010[-. ]?\\d{4}[-. ]?\\d{4}" + AFTER),
          Pattern.compile(BEFORE + "01[16789]([-. ])\\d{3,4}\\1\\d{4}" + AFTER),
          Pattern.compile(
              BEFORE
                  + "\\(?0(?:2|3[1-3]|4[1-4]|5[1-5]|6[1-4]|70|50[2-8])(?:\\) ?|[-. ])"
                  + "\\d{3,4}[-. ]\\d{4}"
                  + AFTER),
          Pattern.compile(
              BEFORE
                  + "(?:1[-. ])?(?:\\([2-9]\\d{2}\\) ?|[2-9]\\d{2}[-. ])[2-9]\\d{2}[-. ]\\d{4}"
                  + AFTER));

  private static final Pattern FICTION = Pattern.compile("1?\\d{3}55501\\d\\d");

  private static final int SHOWN = 2;
  private static final int FEWEST_DIGITS = 8;

  private PhoneNumbers() {}

  static List<PiiMatch> find(String text) {
    List<PiiMatch> found = new ArrayList<>();
    for (Pattern form : FORMS) {
      Matcher matcher = form.matcher(text);
      while (matcher.find()) {
        String digits = Digits.only(matcher.group());
        if (digits.length() < FEWEST_DIGITS || FICTION.matcher(digits).matches()) {
          continue;
        }
        String masked = Digits.masked(matcher.group(), SHOWN);
        PiiMatch match = new PiiMatch(PiiKind.PHONE, matcher.start(), matcher.end(), masked);
        if (found.stream().noneMatch(match::overlaps)) {
          found.add(match);
        }
      }
    }
    return found;
  }
}
