package io.cria.filter;

import io.cria.task.CriaException;
import io.cria.task.Reason;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Filters by name, as a run file lists them, and the lists of the two published programs. */
public final class Filters {
  /** What Self-Instruct's published program looks for. */
  public static final List<String> SELF_INSTRUCT_KEYWORDS =
      List.of(
          "image",
          "images",
          "graph",
          "graphs",
          "picture",
          "pictures",
          "file",
          "files",
          "map",
          "maps",
          "draw",
          "plot",
          "go to");

  /** What Stanford Alpaca's published program looks for. */
  public static final List<String> ALPACA_KEYWORDS =
      Stream.concat(
              SELF_INSTRUCT_KEYWORDS.stream(),
              Stream.of("video", "audio", "music", "flowchart", "diagram"))
          .toList();

  static final int MIN_WORDS = 4;
  static final int MAX_WORDS = 150;
  static final String PROGRAM_PREFIX = "Write a program";
  static final String END_MARKS = ".?!\u2026\u3002\uFF1F\uFF01";
  static final double MIN_DISTINCT_RATIO = 0.7;
  static final double MIN_HANGUL = 0.5;

  private Filters() {}

  /**
   * The filter of that name; names are the reasons they give. What a parameter does not say keeps
   * the published programs' value.
   *
   * <table>
   * <caption>Names and parameters</caption>
   * <tr><td>too_short<td>minWords: 4; minCharacters: 0
   * <tr><td>too_long<td>maxWords: 150; maxCharacters: no limit
   * <tr><td>keyword<td>words: a list, to be given; wholeWords: true
   * <tr><td>write_a_program<td>prefix: Write a program
   * <tr><td>punctuation_start<td>except: none
   * <tr><td>non_ascii_start<td>none
   * <tr><td>no_end_punctuation<td>marks: full stop, question and exclamation mark, ellipsis,
   *     and their East Asian forms
   * <tr><td>repetitive<td>minDistinctRatio: 0.7
   * <tr><td>korean_keyword<td>words, except: lists, {@link KoreanFilters}'
   * <tr><td>korean_program<td>endings: likewise
   * <tr><td>little_hangul<td>minShare: 0.5
   * <tr><td>refusal<td>openings, phrases: lists, {@link KoreanFilters}'
   * </table>
   *
   * @throws CriaException for another name, an unknown parameter or a value that does not fit
   */
  public static Filter of(String name, Map<String, Object> parameters) {
    Parameters given = new Parameters(name, parameters);
    return switch (name) {
      case Reason.TOO_SHORT -> {
        given.allow("minWords", "minCharacters");
        yield new TooShort(given.count("minWords", MIN_WORDS), given.count("minCharacters", 0));
      }
      case Reason.TOO_LONG -> {
        given.allow("maxWords", "maxCharacters");
        yield new TooLong(
            given.count("maxWords", MAX_WORDS), given.count("maxCharacters", Integer.MAX_VALUE));
      }
      case Reason.KEYWORD -> {
        given.allow("words", "wholeWords");
        yield new Keyword(given.texts("words"), given.flag("wholeWords", true));
      }
      case Reason.WRITE_A_PROGRAM -> {
        given.allow("prefix");
        yield new WriteAProgram(given.text("prefix", PROGRAM_PREFIX));
      }
      case Reason.PUNCTUATION_START -> {
        given.allow("except");
        yield new PunctuationStart(given.textOr("except", ""));
      }
      case Reason.NON_ASCII_START -> {
        given.allow();
        yield new NonAsciiStart();
      }
      case Reason.NO_END_PUNCTUATION -> {
        given.allow("marks");
        yield new NoEndPunctuation(given.text("marks", END_MARKS));
      }
      case Reason.REPETITIVE -> {
        given.allow("minDistinctRatio");
        yield new Repetitive(given.share("minDistinctRatio", MIN_DISTINCT_RATIO));
      }
      case Reason.KOREAN_KEYWORD -> {
        given.allow("words", "except");
        yield new KoreanKeyword(
            given.texts("words", KoreanFilters.KEYWORDS),
            given.texts("except", KoreanFilters.NO_KEYWORDS));
      }
      case Reason.KOREAN_PROGRAM -> {
        given.allow("endings");
        yield new KoreanProgram(given.texts("endings", KoreanFilters.PROGRAM_ENDINGS));
      }
      case Reason.LITTLE_HANGUL -> {
        given.allow("minShare");
        yield new LittleHangul(given.share("minShare", MIN_HANGUL));
      }
      case Reason.REFUSAL -> {
        given.allow("openings", "phrases");
        yield new Refusal(
            given.texts("openings", KoreanFilters.REFUSAL_OPENINGS),
            given.texts("phrases", KoreanFilters.MODEL_TALK));
      }
      default ->
          throw CriaException.badInput(
              "unknown filter \""
                  + name
                  + "\": use too_short, too_long, keyword, write_a_program, punctuation_start,"
                  + " non_ascii_start, no_end_punctuation, repetitive, korean_keyword,"
                  + " korean_program, little_hangul or refusal");
    };
  }

  /** The heuristics of Self-Instruct's published program, in its order. */
  public static FilterChain selfInstruct() {
    return published(SELF_INSTRUCT_KEYWORDS);
  }

  /** The heuristics of Stanford Alpaca's published program, in its order. */
  public static FilterChain alpaca() {
    return published(ALPACA_KEYWORDS);
  }

  private static FilterChain published(List<String> keywords) {
    return new FilterChain(
        List.of(
            new TooShort(MIN_WORDS, 0),
            new TooLong(MAX_WORDS, Integer.MAX_VALUE),
            new Keyword(keywords, true),
            new WriteAProgram(PROGRAM_PREFIX),
            new PunctuationStart(""),
            new NonAsciiStart()));
  }
}
