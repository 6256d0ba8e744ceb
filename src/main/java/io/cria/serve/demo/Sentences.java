package io.cria.serve.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Cuts a text into sentences while it comes. Laid end to end they are the text. A sentence ends
 * only where moderation sees one end, too, so that no phrase of its rules lies in two: at a line's
 * end, or at a mark followed by a space. Lines between fences ({@code ```}) are code and end at
 * line ends alone. Abbreviations and numbers of lists end none; where that is wrong, two sentences
 * come as one.
 */
final class Sentences {
  private static final String ENDS = ".!?。！？…";
  private static final String CLOSERS = "\"'”’)]}»」』*_";
  private static final String FENCE = "```";
  private static final Set<String> ABBREVIATIONS =
      Set.of(
          "mr", "mrs", "ms", "dr", "prof", "st", "sr", "jr", "vs", "cf", "e.g", "i.e", "no", "fig",
          "vol", "approx", "u.s", "u.k", "a.m", "p.m", "ca", "al", "pp");

  private final StringBuilder open = new StringBuilder();

  /** Before this all of {@link #open} was looked at. */
  private int looked;

  private boolean atLineStart = true;
  private boolean inCode;

  /** Takes what has come, and gives the sentences that are whole by now. */
  List<String> add(String more) {
    open.append(more);
    List<String> whole = new ArrayList<>();
    for (int end = nextEnd(); end > 0; end = nextEnd()) {
      whole.add(take(end));
    }
    return whole;
  }

  /** What is left when nothing more comes; may be empty. */
  String rest() {
    return take(open.length());
  }

  private String take(int end) {
    String sentence = open.substring(0, end);
    if (atLineStart && isFence()) {
      inCode = !inCode;
    }
    open.delete(0, end);
    looked = 0;
    atLineStart = sentence.endsWith("\n");
    return sentence;
  }

  /** Whether what is open, being at a line's start, is a fence. */
  private boolean isFence() {
    int at = 0;
    while (at < open.length() && (open.charAt(at) == ' ' || open.charAt(at) == '\t')) {
      at++;
    }
    return open.indexOf(FENCE, at) == at;
  }

  /** After the first sentence that is whole; -1 where none is. */
  private int nextEnd() {
    for (; looked < open.length(); looked++) {
      char c = open.charAt(looked);
      if (c == '\n') {
        return looked + 1;
      }
      if (ENDS.indexOf(c) >= 0 && !isCode()) {
        int after = afterMarks(looked);
        if (after == open.length()) {
          return -1; // what comes next decides
        }
        if (isSpace(open.charAt(after)) && !isAbbreviation(looked)) {
          return open.charAt(after) == '\n' ? after + 1 : afterSpaces(after);
        }
      }
    }
    return -1;
  }

  private boolean isCode() {
    return inCode || (atLineStart && isFence());
  }

  private int afterMarks(int at) {
    int after = at + 1;
    while (after < open.length()
        && (ENDS.indexOf(open.charAt(after)) >= 0 || CLOSERS.indexOf(open.charAt(after)) >= 0)) {
      after++;
    }
    return after;
  }

  /** Spaces go with the sentence that they follow, as far as they have come. */
  private int afterSpaces(int at) {
    int after = at;
    while (after < open.length() && open.charAt(after) != '\n' && isSpace(open.charAt(after))) {
      after++;
    }
    return after;
  }

  private static boolean isSpace(char c) {
    return Character.isWhitespace(c) || Character.isSpaceChar(c);
  }

  /** Whether the dot belongs to the word before it. */
  private boolean isAbbreviation(int dot) {
    if (open.charAt(dot) != '.') {
      return false;
    }
    int from = dot;
    while (from > 0 && isOfWord(open.charAt(from - 1))) {
      from--;
    }
    String word = open.substring(from, dot).toLowerCase(Locale.ROOT);
    boolean isInitial =
        word.length() == 1 && word.charAt(0) < 128 && Character.isLetter(word.charAt(0));
    boolean isOfList =
        !word.isEmpty()
            && word.chars().allMatch(Character::isDigit)
            && open.substring(0, from).isBlank()
            && atLineStart;
    return (isInitial && !word.equals("i")) || isOfList || ABBREVIATIONS.contains(word);
  }

  private static boolean isOfWord(char c) {
    return Character.isLetterOrDigit(c) || c == '.';
  }
}
