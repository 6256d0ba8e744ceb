package io.cria.filter;

import io.cria.task.Draft;
import io.cria.task.Reason;
import io.cria.task.Verdict;
import java.lang.Character.UnicodeScript;
import java.util.regex.Pattern;

/**
 * Rejects an instruction that is hardly Korean. Counted are letters: those of Hangul against all.
 * Code and formulas do not count, nor do Chinese characters, which stand in Korean texts about
 * words.
 *
 * @param minShare of Hangul among the letters that count, in [0, 1]
 */
public record LittleHangul(double minShare) implements Filter {
  /** Between fences, back quotes, dollar signs, or TeX's brackets. */
  private static final Pattern CODE_OR_FORMULA =
      Pattern.compile(
          "(?s)```.*?(?:```|$)|`[^`\\n]*+`|\\$\\$.*?\\$\\$|\\$[^$\\n]*+\\$|\\\\\\(.*?\\\\\\)"
              + "|\\\\\\[.*?\\\\\\]");

  @Override
  public Verdict judge(Draft draft) {
    String text = CODE_OR_FORMULA.matcher(draft.instruction()).replaceAll(" ");
    int letters = 0;
    int hangul = 0;
    for (int c : text.codePoints().filter(Character::isLetter).toArray()) {
      UnicodeScript script = UnicodeScript.of(c);
      letters += script == UnicodeScript.HAN ? 0 : 1;
      hangul += script == UnicodeScript.HANGUL ? 1 : 0;
    }
    return hangul == 0 || hangul < minShare * letters
        ? Verdict.reject(Reason.LITTLE_HANGUL)
        : Verdict.keep();
  }
}
