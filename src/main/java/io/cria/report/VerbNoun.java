package io.cria.report;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The verb that an instruction turns on and the noun that the verb is about, as the figure of
 * Self-Instruct (arXiv 2212.10560) shows them. The paper takes the root of a parse and its direct
 * object; here is a plain rule over parts of speech, which is an approximation:
 *
 * <ul>
 *   <li>the verb is the first word where that can be an imperative ("Name three birds": taggers
 *       that know news and letters take many of these for nouns), or else the first verb of the
 *       first sentence that is no auxiliary and no adjective ("the following poem");
 *   <li>the noun is the last of the first run of nouns behind the verb (of "a short story idea",
 *       "idea"), where neither another verb nor a preposition nor a subordinate clause comes first
 *       ("look at the list", "explain how a bicycle works").
 * </ul>
 *
 * Verbs are put into their base form as far as spelling tells it.
 */
final class VerbNoun {
  private static final String VERB = "VERB";
  private static final Set<String> NOUNS = Set.of("NOUN", "PROPN");

  /** What may stand between a verb and its object: "give me the two following poems". */
  private static final Set<String> BETWEEN =
      Set.of("DET", "ADJ", "NUM", "PRON", "ADV", "PART", "SYM", "X", "INTJ");

  /** What follows an imperative at the front: a word before it may be one, whatever its tag. */
  private static final Set<String> BEHIND_IMPERATIVE = Set.of("DET", "NUM", "PRON", "ADJ");

  /** Words that begin a text, and are no imperatives. */
  private static final Set<String> NO_IMPERATIVES =
      Set.of(
          "a",
          "about",
          "after",
          "all",
          "although",
          "among",
          "an",
          "and",
          "any",
          "are",
          "as",
          "at",
          "based",
          "because",
          "before",
          "between",
          "both",
          "but",
          "by",
          "can",
          "could",
          "did",
          "do",
          "does",
          "during",
          "each",
          "every",
          "for",
          "from",
          "given",
          "has",
          "have",
          "he",
          "her",
          "here",
          "his",
          "how",
          "i",
          "if",
          "in",
          "into",
          "is",
          "it",
          "its",
          "like",
          "many",
          "may",
          "might",
          "my",
          "no",
          "not",
          "of",
          "on",
          "one",
          "or",
          "our",
          "out",
          "over",
          "she",
          "should",
          "since",
          "so",
          "some",
          "than",
          "that",
          "the",
          "their",
          "there",
          "these",
          "they",
          "this",
          "those",
          "through",
          "to",
          "two",
          "under",
          "until",
          "upon",
          "using",
          "was",
          "we",
          "were",
          "what",
          "when",
          "where",
          "whether",
          "which",
          "while",
          "who",
          "whose",
          "why",
          "will",
          "with",
          "within",
          "without",
          "would",
          "you",
          "your");

  /** Begin a clause whose nouns are not the verb's objects. */
  private static final Set<String> CLAUSES =
      Set.of("how", "if", "that", "what", "when", "where", "whether", "which", "who", "why");

  /** Auxiliaries to a grammar, verbs to some taggers. */
  private static final Set<String> COPULAS = Set.of("is", "are", "was", "were", "be", "been");

  private static final Map<String, String> IRREGULAR =
      Map.of(
          "given", "give", "gave", "give", "written", "write", "wrote", "write", "made", "make",
          "has", "have", "had", "have", "does", "do", "did", "do", "goes", "go");

  /** Plurals in -ies whose singular is in -ie. */
  private static final Set<String> IN_IE =
      Set.of("calories", "cookies", "movies", "pies", "zombies", "selfies", "smoothies");

  private static final Set<String> SENTENCE_ENDS = Set.of(".", "?", "!", ";", ":");

  private VerbNoun() {}

  /**
   * What was found.
   *
   * @param verb base form, lower case
   * @param noun lower case; null where the verb has no object
   */
  record Pair(String verb, @Nullable String noun) {}

  /**
   * @param tokens of a text
   * @param tags of each its part of speech, by Universal Dependencies
   */
  static Optional<Pair> of(List<String> tokens, List<String> tags) {
    int end = sentenceEnd(tokens);
    int verb = verb(tokens, tags, end);
    if (verb < 0) {
      return Optional.empty();
    }
    return Optional.of(new Pair(base(tokens.get(verb)), noun(tokens, tags, verb + 1, end)));
  }

  private static int sentenceEnd(List<String> tokens) {
    for (int i = 1; i < tokens.size(); i++) {
      if (SENTENCE_ENDS.contains(tokens.get(i))) {
        return i;
      }
    }
    return tokens.size();
  }

  private static int verb(List<String> tokens, List<String> tags, int end) {
    if (end > 1 && mayBeImperative(tokens.get(0)) && BEHIND_IMPERATIVE.contains(tags.get(1))) {
      return 0;
    }
    for (int i = 0; i < end; i++) {
      boolean isAdjective = i > 0 && tags.get(i - 1).equals("DET");
      if (tags.get(i).equals(VERB)
          && !isAdjective
          && isWord(tokens.get(i))
          && !COPULAS.contains(tokens.get(i).toLowerCase(Locale.ROOT))) {
        return i;
      }
    }
    return -1;
  }

  private static boolean mayBeImperative(String token) {
    return isWord(token) && !NO_IMPERATIVES.contains(token.toLowerCase(Locale.ROOT));
  }

  private static @Nullable String noun(List<String> tokens, List<String> tags, int start, int end) {
    for (int i = start; i < end; i++) {
      String tag = tags.get(i);
      if (NOUNS.contains(tag)) {
        int last = i;
        while (last + 1 < end && NOUNS.contains(tags.get(last + 1))) {
          last++;
        }
        return isWord(tokens.get(last)) ? singular(tokens.get(last)) : null;
      }
      boolean isBetween = tag.equals(VERB) ? isParticiple(tokens.get(i)) : BETWEEN.contains(tag);
      if (!isBetween || CLAUSES.contains(tokens.get(i).toLowerCase(Locale.ROOT))) {
        return null;
      }
    }
    return null;
  }

  /** "the following poems", "a given list". */
  private static boolean isParticiple(String token) {
    String lower = token.toLowerCase(Locale.ROOT);
    return lower.endsWith("ing") || lower.endsWith("ed") || lower.equals("given");
  }

  private static boolean isWord(String token) {
    return token.length() > 1 && token.chars().allMatch(Character::isLetter);
  }

  private static String base(String verb) {
    String lower = verb.toLowerCase(Locale.ROOT);
    if (IRREGULAR.containsKey(lower)) {
      return IRREGULAR.get(lower);
    }
    if (lower.endsWith("ies") && lower.length() > 4) {
      return lower.substring(0, lower.length() - 3) + "y";
    }
    if (lower.endsWith("s") && !lower.endsWith("ss") && lower.length() > 3) {
      return lower.substring(0, lower.length() - 1);
    }
    return lower;
  }

  private static String singular(String noun) {
    String lower = noun.toLowerCase(Locale.ROOT);
    if (lower.length() <= 3 || !lower.endsWith("s") || lower.matches(".*(ss|us|is|news|series)")) {
      return lower;
    }
    if (IN_IE.contains(lower)) {
      return lower.substring(0, lower.length() - 1);
    }
    if (lower.endsWith("ies") && lower.length() > 4) {
      return lower.substring(0, lower.length() - 3) + "y";
    }
    return lower.matches(".*(sh|ch|x|ss|z)es")
        ? lower.substring(0, lower.length() - 2)
        : lower.substring(0, lower.length() - 1);
  }
}
