package io.cria.filter;

import io.cria.task.Key;
import io.cria.task.Reason;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A filter as a run file lists it, for the description of run files: its name, and the parameters
 * of which each belongs to the filters that its meaning names. {@link Filters#of} reads them.
 */
public record FilterKeys(
    @Key(
            value = "Which filter; its reason has the same name",
            needed = Reason.TOO_SHORT,
            oneOf = "NAMES")
        String name,
    @Key(
            value = "Of too_short: fewer words are too few",
            otherwise = "" + Filters.MIN_WORDS,
            min = 0)
        @Nullable Integer minWords,
    @Key(value = "Of too_short: fewer characters are too few", otherwise = "0", min = 0)
        @Nullable Integer minCharacters,
    @Key(
            value = "Of too_long: more words are too many",
            otherwise = "" + Filters.MAX_WORDS,
            min = 0)
        @Nullable Integer maxWords,
    @Key(
            value = "Of too_long: more characters are too many; without it any number will do",
            min = 0)
        @Nullable Integer maxCharacters,
    @Key("Of keyword, which needs it, and korean_keyword, which has its own: what is looked for")
        @Nullable List<String> words,
    @Key(value = "Of keyword: whether a word counts only as a whole one", otherwise = "true")
        @Nullable Boolean wholeWords,
    @Key(
            value = "Of write_a_program: texts that begin so are rejected",
            otherwise = Filters.PROGRAM_PREFIX)
        @Nullable String prefix,
    @Key(
            value = "Of no_end_punctuation: texts that end with none of these are rejected",
            otherwise = Filters.END_MARKS)
        @Nullable String marks,
    @Key(
            value = "Of repetitive: a text with a lower share of different words is rejected",
            otherwise = "" + Filters.MIN_DISTINCT_RATIO,
            min = 0,
            max = 1)
        @Nullable Double minDistinctRatio,
    @Key("Of punctuation_start, marks, and korean_keyword, phrases: what is let through")
        @Nullable Object except,
    @Key(
            "Of korean_program: texts that end so are rejected, up to the verb's stem;"
                + " without it a list of its own")
        @Nullable List<String> endings,
    @Key(
            value = "Of little_hangul: a text with a lower share of Hangul is rejected",
            otherwise = "" + Filters.MIN_HANGUL,
            min = 0,
            max = 1)
        @Nullable Double minShare,
    @Key("Of refusal: instructions that begin so are rejected; without it a list of its own")
        @Nullable List<String> openings,
    @Key("Of refusal: texts with one of these are rejected; without it a list of its own")
        @Nullable List<String> phrases) {
  public static final List<String> NAMES =
      List.of(
          Reason.TOO_SHORT,
          Reason.TOO_LONG,
          Reason.KEYWORD,
          Reason.WRITE_A_PROGRAM,
          Reason.PUNCTUATION_START,
          Reason.NON_ASCII_START,
          Reason.NO_END_PUNCTUATION,
          Reason.REPETITIVE,
          Reason.KOREAN_KEYWORD,
          Reason.KOREAN_PROGRAM,
          Reason.LITTLE_HANGUL,
          Reason.REFUSAL);
}
