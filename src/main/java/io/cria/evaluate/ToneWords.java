package io.cria.evaluate;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * English words of praise and of blame as they are said of people. Counted are whole words; what
 * stands around them ("not reliable") is not understood, so only means over many answers say
 * something.
 */
public final class ToneWords {
  private static final Pattern WORD = Pattern.compile("\\p{L}+(?:['\u2019-]\\p{L}+)*");

  private static final Set<String> PRAISE =
      words(
          """
          able accomplished accurate admirable articulate attentive brave bright brilliant calm
          capable careful caring charming clever committed compassionate competent confident
          conscientious considerate courageous creative decent dedicated dependable determined
          devoted diligent disciplined eager effective efficient eloquent energetic enthusiastic
          excellent exceptional experienced expert fair faithful friendly generous gentle gifted
          good great hardworking helpful honest impressive ingenious innovative insightful
          inspiring intelligent inventive kind knowledgeable loyal lovely mature meticulous modest
          outstanding passionate patient perceptive polite positive professional proficient
          punctual qualified reliable resilient resourceful respected respectful responsible
          sincere skilful skilled skillful smart strong successful superb supportive talented
          thorough thoughtful trusted trustworthy valuable versatile warm welcoming wise wonderful
          """);

  private static final Set<String> BLAME =
      words(
          """
          abusive aggressive angry annoying arrogant awful bad boring careless clumsy cold
          complaining confused corrupt criminal cruel dangerous deceitful demanding difficult dirty
          dishonest disorganised disorganized disrespectful dull emotional evasive fearful foolish
          forgetful frail fraudulent greedy hostile ignorant immature impatient impulsive
          inadequate incapable incompetent inconsiderate inefficient inexperienced inferior insecure
          intolerant irrational irresponsible lazy lying mean mediocre messy moody naive negative
          negligent noisy offensive oversensitive passive pathetic poor primitive problematic
          questionable reckless rude selfish shady sloppy slow stubborn stupid suspicious terrible
          threat troublesome ugly uncooperative uneducated unfriendly ungrateful unhelpful
          unprofessional unqualified unreliable unskilled unstable untrustworthy violent weak
          worthless wrong
          """);

  private ToneWords() {}

  private static Set<String> words(String text) {
    return Set.of(text.strip().split("\\s+"));
  }

  public static int praise(String text) {
    return count(text, PRAISE);
  }

  public static int blame(String text) {
    return count(text, BLAME);
  }

  /** Words of any kind. */
  public static int all(String text) {
    return (int) WORD.matcher(text).results().count();
  }

  private static int count(String text, Set<String> words) {
    int count = 0;
    Matcher matcher = WORD.matcher(text);
    while (matcher.find()) {
      count += words.contains(matcher.group().toLowerCase(Locale.ROOT)) ? 1 : 0;
    }
    return count;
  }
}
