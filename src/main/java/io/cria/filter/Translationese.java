package io.cria.filter;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Turns of phrase that came into Korean with translations and that teachers of writing advise
 * against. Each is right now and then, so nothing is rejected for them: they are counted, and a
 * dataset that has many of them was thought in another language.
 */
public final class Translationese {
  private static final Map<String, Pattern> MARKS;

  static {
    Map<String, Pattern> marks = new LinkedHashMap<>();
    // "by": Korean has the one who acts as the subject
    marks.put("by_agent", Pattern.compile("에 의(?:해|하여|해서|한)(?![가-힣])"));
    // "has": 있다 with the thing as its subject
    marks.put("have", Pattern.compile("[을를] 가지고 있"));
    // "one of the most"
    marks.put("one_of_the_most", Pattern.compile("가장 (?:[가-힣]+ ){1,4}중(?:의)? 하나"));
    // a passive of what is passive already
    marks.put(
        "double_passive",
        Pattern.compile("(?:되어|보여|쓰여|불려|잊혀|나뉘어|열려|믿겨|읽혀|닫혀|짜여|담겨|놓여|모여)(?:지|진|질|져|졌|집)"));
    // pronouns that Korean leaves out, or says with a name
    marks.put("she", Pattern.compile("그녀(?:는|가|를|의|에게|와|도|들)"));
    marks.put("you", Pattern.compile("당신(?:은|이|을|의|에게|도)"));
    // "in doing"
    marks.put("in_doing", Pattern.compile("[함음됨기]에 있어(?:서)?"));
    // "needs"
    marks.put("need", Pattern.compile("[을를] 필요로 [하한할해했합]"));
    // "it is important to"
    marks.put("it_is_important", Pattern.compile("는 것[은이] (?:매우 |아주 |가장 )?중요"));
    // a plural that the noun does without
    marks.put("plural", Pattern.compile("(?:정보|데이터|자료|지식|증거|음식|날씨|많은 [가-힣]{1,4})들"));
    marks.put("from", Pattern.compile("(?:으로|[가-힣]로)부터"));
    marks.put("located_in", Pattern.compile("에 위치(?:한|해 있|하고 있|하여)"));
    marks.put("tend_to", Pattern.compile("는 경향이 있"));
    marks.put("in_spite_of", Pattern.compile("에도 불구하고"));
    marks.put("cannot_be_overstated", Pattern.compile("아무리 강조해도 지나치지"));
    MARKS = Collections.unmodifiableMap(marks);
  }

  private Translationese() {}

  /** The names of the marks, in the order of the list. */
  public static List<String> names() {
    return List.copyOf(MARKS.keySet());
  }

  /** The names of those that a text has, each once, in the order of the list. */
  public static List<String> marks(String text) {
    return MARKS.entrySet().stream()
        .filter(mark -> mark.getValue().matcher(text).find())
        .map(Map.Entry::getKey)
        .toList();
  }
}
