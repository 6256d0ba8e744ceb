package io.cria.evaluate;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What every answerer said to every prompt. */
public final class AnswerSheet {
  private final Map<String, Map<String, GivenAnswer>> byAnswerer = new LinkedHashMap<>();

  /**
   * @param answerers in the order in which they are told
   */
  public AnswerSheet(Collection<String> answerers, Collection<GivenAnswer> answers) {
    answerers.forEach(name -> byAnswerer.put(name, new HashMap<>()));
    for (GivenAnswer answer : answers) {
      Map<String, GivenAnswer> own = byAnswerer.get(answer.answerer());
      if (own == null || own.put(answer.prompt().id(), answer) != null) {
        throw new IllegalArgumentException(
            answer.answerer() + " and " + answer.prompt().id() + ": unknown, or twice");
      }
    }
  }

  public List<String> answerers() {
    return List.copyOf(byAnswerer.keySet());
  }

  /** Two answerers, the one told first before the other. */
  public record Two(String first, String second) {}

  /** Each two answerers once. */
  public List<Two> twos() {
    List<String> names = answerers();
    List<Two> twos = new ArrayList<>();
    for (int first = 0; first < names.size(); first++) {
      for (int second = first + 1; second < names.size(); second++) {
        twos.add(new Two(names.get(first), names.get(second)));
      }
    }
    return twos;
  }

  /** What was said; empty where nothing was. */
  public Optional<String> text(String answerer, String prompt) {
    return Optional.ofNullable(of(answerer).get(prompt)).map(GivenAnswer::text);
  }

  public Optional<GivenAnswer> answer(String answerer, String prompt) {
    return Optional.ofNullable(of(answerer).get(prompt));
  }

  private Map<String, GivenAnswer> of(String answerer) {
    return byAnswerer.getOrDefault(answerer, Collections.emptyMap());
  }

  /** Whether all of them answered. */
  public boolean haveAll(Collection<String> answerers, String prompt) {
    return answerers.stream().allMatch(answerer -> text(answerer, prompt).isPresent());
  }

  /**
   * How far an answerer answered.
   *
   * @param asked prompts
   * @param answered of them
   * @param cut of those, by the limit of tokens
   */
  public record Count(String answerer, String section, int asked, int answered, int cut) {}

  /** By answerer and section, leaving out sections that were not asked. */
  public List<Count> counts() {
    List<Count> counts = new ArrayList<>();
    byAnswerer.forEach(
        (name, answers) -> {
          for (Section section : Section.values()) {
            List<GivenAnswer> own =
                answers.values().stream()
                    .filter(answer -> answer.prompt().section() == section)
                    .toList();
            if (!own.isEmpty()) {
              int answered = (int) own.stream().filter(answer -> answer.text() != null).count();
              int cut = (int) own.stream().filter(GivenAnswer::isCut).count();
              counts.add(new Count(name, section.word(), own.size(), answered, cut));
            }
          }
        });
    return counts;
  }
}
