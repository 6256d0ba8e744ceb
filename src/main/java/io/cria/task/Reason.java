package io.cria.task;

/**
 * Why a text was rejected: the words that stand in the column {@code reason}. Strings rather than
 * an enum because a recipe may add its own.
 */
public final class Reason {
  public static final String CUT_BY_LENGTH = "cut_by_length";
  public static final String MALFORMED = "malformed";
  public static final String TOO_SHORT = "too_short";
  public static final String TOO_LONG = "too_long";
  public static final String KEYWORD = "keyword";
  public static final String WRITE_A_PROGRAM = "write_a_program";
  public static final String PUNCTUATION_START = "punctuation_start";
  public static final String NON_ASCII_START = "non_ascii_start";
  public static final String SIMILAR = "similar";

  /** Instances only. */
  public static final String SAME_AS_INPUT = "same_as_input";

  public static final String EMPTY_OUTPUT = "empty_output";
  public static final String ENDS_WITH_COLON = "ends_with_colon";
  public static final String CONFLICTING_OUTPUTS = "conflicting_outputs";
  public static final String DUPLICATE = "duplicate";
  public static final String OVER_LIMIT = "over_limit";

  /** Instances only: the question for the instruction's class failed, so nothing was asked. */
  public static final String UNCLASSIFIED = "unclassified";

  /** Added by the quickstart recipe. */
  public static final String NO_END_PUNCTUATION = "no_end_punctuation";

  public static final String REPETITIVE = "repetitive";

  /** Added by the Korean recipes; the first also of instances. */
  public static final String REFUSAL = "refusal";

  public static final String LITTLE_HANGUL = "little_hangul";
  public static final String KOREAN_KEYWORD = "korean_keyword";
  public static final String KOREAN_PROGRAM = "korean_program";

  private Reason() {}
}
