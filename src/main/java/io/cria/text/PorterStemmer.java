package io.cria.text;

import java.util.Map;
import java.util.function.Predicate;

/**
 * Stems of English words: Porter's algorithm ("An algorithm for suffix stripping", Program 14(3),
 * 1980) with the changes that the Python package nltk makes by default, since the published ROUGE
 * scores stem with it: some irregular forms, words of two letters left alone, y to i only after a
 * consonant that is not the first letter, {@code ies} and {@code ied} of four letters to {@code
 * ie}, {@code alli} first in step 2, {@code bli}, {@code fulli} and {@code logi}, and a two-letter
 * stem of vowel and consonant counted as short. Takes lower case; digits count as consonants.
 */
final class PorterStemmer {
  private static final Map<String, String> IRREGULAR =
      Map.ofEntries(
          Map.entry("sky", "sky"),
          Map.entry("skies", "sky"),
          Map.entry("dying", "die"),
          Map.entry("lying", "lie"),
          Map.entry("tying", "tie"),
          Map.entry("news", "news"),
          Map.entry("innings", "inning"),
          Map.entry("inning", "inning"),
          Map.entry("outings", "outing"),
          Map.entry("outing", "outing"),
          Map.entry("cannings", "canning"),
          Map.entry("canning", "canning"),
          Map.entry("howe", "howe"),
          Map.entry("proceed", "proceed"),
          Map.entry("exceed", "exceed"),
          Map.entry("succeed", "succeed"));

  /** Suffix and what stands for it, looked for in this order. */
  private static final String[][] STEP_2 = {
    {"ational", "ate"}, {"tional", "tion"}, {"enci", "ence"}, {"anci", "ance"}, {"izer", "ize"},
    {"bli", "ble"}, {"alli", "al"}, {"entli", "ent"}, {"eli", "e"}, {"ousli", "ous"},
    {"ization", "ize"}, {"ation", "ate"}, {"ator", "ate"}, {"alism", "al"}, {"iveness", "ive"},
    {"fulness", "ful"}, {"ousness", "ous"}, {"aliti", "al"}, {"iviti", "ive"}, {"biliti", "ble"},
    {"fulli", "ful"}
  };

  private static final String[][] STEP_3 = {
    {"icate", "ic"},
    {"ative", ""},
    {"alize", "al"},
    {"iciti", "ic"},
    {"ical", "ic"},
    {"ful", ""},
    {"ness", ""}
  };

  private static final String[] STEP_4 = {
    "al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ion", "ou",
    "ism", "ate", "iti", "ous", "ive", "ize"
  };

  private PorterStemmer() {}

  /** The stem of a word in lower case. */
  static String stem(String word) {
    String irregular = IRREGULAR.get(word);
    if (irregular != null) {
      return irregular;
    }
    if (word.length() <= 2) {
      return word;
    }
    String stem = yToI(pastAndGerund(plural(word)));
    stem = step4(replaced(step2(stem), STEP_3));
    return doubleL(finalE(stem));
  }

  /** Step 1a. */
  private static String plural(String word) {
    if (word.endsWith("ies")) {
      return cut(word, word.length() == 4 ? 1 : 2);
    }
    if (word.endsWith("sses")) {
      return cut(word, 2);
    }
    return word.endsWith("s") && !word.endsWith("ss") ? cut(word, 1) : word;
  }

  /** Step 1b. */
  private static String pastAndGerund(String word) {
    if (word.endsWith("ied")) {
      return cut(word, word.length() == 4 ? 1 : 2);
    }
    if (word.endsWith("eed")) {
      return measure(cut(word, 3)) > 0 ? cut(word, 1) : word;
    }
    if (word.endsWith("ed") && hasVowel(cut(word, 2))) {
      return mended(cut(word, 2));
    }
    if (word.endsWith("ing") && hasVowel(cut(word, 3))) {
      return mended(cut(word, 3));
    }
    return word;
  }

  private static String mended(String stem) {
    if (stem.endsWith("at") || stem.endsWith("bl") || stem.endsWith("iz")) {
      return stem + "e";
    }
    int last = stem.length() - 1;
    if (last > 0 && stem.charAt(last) == stem.charAt(last - 1) && isConsonant(stem, last)) {
      return "lsz".indexOf(stem.charAt(last)) < 0 ? cut(stem, 1) : stem;
    }
    return measure(stem) == 1 && isShort(stem) ? stem + "e" : stem;
  }

  /** Step 1c. */
  private static String yToI(String word) {
    int y = word.length() - 1;
    return word.endsWith("y") && y > 1 && isConsonant(word, y - 1) ? cut(word, 1) + "i" : word;
  }

  private static String step2(String word) {
    if (word.endsWith("alli") && measure(cut(word, 4)) > 0) {
      return step2(cut(word, 2));
    }
    String replaced = replaced(word, STEP_2);
    // the l of logi counts to the stem, so that short ones as in "geologi" have a measure
    return replaced.endsWith("logi") && measure(cut(replaced, 3)) > 0 ? cut(replaced, 1) : replaced;
  }

  /** The first suffix that the word has decides, whether its stem has a measure or not. */
  private static String replaced(String word, String[][] rules) {
    for (String[] rule : rules) {
      if (word.endsWith(rule[0])) {
        String stem = cut(word, rule[0].length());
        return measure(stem) > 0 ? stem + rule[1] : word;
      }
    }
    return word;
  }

  private static String step4(String word) {
    for (String suffix : STEP_4) {
      if (word.endsWith(suffix)) {
        String stem = cut(word, suffix.length());
        Predicate<String> fits =
            suffix.equals("ion") ? s -> s.endsWith("s") || s.endsWith("t") : s -> true;
        return measure(stem) > 1 && fits.test(stem) ? stem : word;
      }
    }
    return word;
  }

  /** Step 5a. */
  private static String finalE(String word) {
    if (!word.endsWith("e")) {
      return word;
    }
    String stem = cut(word, 1);
    int measure = measure(stem);
    return measure > 1 || (measure == 1 && !isShort(stem)) ? stem : word;
  }

  /** Step 5b. */
  private static String doubleL(String word) {
    return word.endsWith("ll") && measure(cut(word, 1)) > 1 ? cut(word, 1) : word;
  }

  private static String cut(String word, int letters) {
    return word.substring(0, word.length() - letters);
  }

  /** Consonant, vowel, consonant other than w, x, y at the end; or vowel, consonant alone. */
  private static boolean isShort(String stem) {
    int last = stem.length() - 1;
    if (last == 1) {
      return !isConsonant(stem, 0) && isConsonant(stem, 1);
    }
    return last > 1
        && isConsonant(stem, last - 2)
        && !isConsonant(stem, last - 1)
        && isConsonant(stem, last)
        && "wxy".indexOf(stem.charAt(last)) < 0;
  }

  private static boolean hasVowel(String stem) {
    for (int i = 0; i < stem.length(); i++) {
      if (!isConsonant(stem, i)) {
        return true;
      }
    }
    return false;
  }

  /** How often a run of consonants follows one of vowels. */
  private static int measure(String stem) {
    int measure = 0;
    boolean afterVowel = false;
    for (int i = 0; i < stem.length(); i++) {
      boolean consonant = isConsonant(stem.charAt(i), i > 0 && !afterVowel);
      measure += consonant && afterVowel ? 1 : 0;
      afterVowel = !consonant;
    }
    return measure;
  }

  /** A y is one where it does not follow a consonant. */
  private static boolean isConsonant(String word, int at) {
    boolean consonant = true;
    int start = at;
    while (start > 0 && word.charAt(start) == 'y') {
      start--;
    }
    for (int i = start; i <= at; i++) {
      consonant = isConsonant(word.charAt(i), i > start && consonant);
    }
    return consonant;
  }

  private static boolean isConsonant(char letter, boolean afterConsonant) {
    return letter == 'y' ? !afterConsonant : "aeiou".indexOf(letter) < 0;
  }
}
