package io.cria.evaluate;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What raters said of blind pairs, with the names put back.
 *
 * @param results by rater and two answerers; of several people also of all of them together, the
 *     points of a pair being the mean of theirs
 * @param rankings by rater, where there are more than two answerers
 * @param agreement of each two raters
 */
public record PairVerdicts(
    List<PairResult> results, List<Ranking> rankings, List<RaterAgreement> agreement) {
  /** Stands for all people together. */
  public static final String PEOPLE = "people";

  /** What stands before the name of a judge model among raters. */
  public static final String MODEL = "model:";

  public PairVerdicts {
    results = List.copyOf(results);
    rankings = List.copyOf(rankings);
    agreement = List.copyOf(agreement);
  }

  /**
   * Sums up.
   *
   * @param judged in any order of raters, each rater's in the order of pairs
   * @param sheet the answers
   * @param seed the run's, for the intervals
   */
  public static PairVerdicts of(List<JudgedPair> judged, AnswerSheet sheet, long seed) {
    Map<String, List<JudgedPair>> byRater = new LinkedHashMap<>();
    judged.forEach(pair -> byRater.computeIfAbsent(pair.rater(), r -> new ArrayList<>()).add(pair));
    Map<String, Map<String, String>> choices = new LinkedHashMap<>();
    byRater.forEach((rater, own) -> choices.put(rater, choices(own)));
    addPeople(byRater);
    List<PairResult> results = new ArrayList<>();
    List<Ranking> rankings = new ArrayList<>();
    byRater.forEach(
        (rater, own) -> {
          for (AnswerSheet.Two two : sheet.twos()) {
            PairResult.of(between(own, two), sheet, seed).ifPresent(results::add);
          }
          if (sheet.answerers().size() > 2) {
            rankings.add(Ranking.of(rater, own));
          }
        });
    return new PairVerdicts(results, rankings, RaterAgreement.of(choices));
  }

  private static List<JudgedPair> between(List<JudgedPair> judged, AnswerSheet.Two two) {
    return judged.stream()
        .filter(pair -> pair.first().equals(two.first()) && pair.second().equals(two.second()))
        .toList();
  }

  private static Map<String, String> choices(List<JudgedPair> judged) {
    Map<String, String> choices = new LinkedHashMap<>();
    for (JudgedPair pair : judged) {
      if (pair.points() != null) {
        choices.put(pair.pairId(), pair.choice());
      }
    }
    return choices;
  }

  /** Of two people or more, all of them together. */
  private static void addPeople(Map<String, List<JudgedPair>> byRater) {
    List<String> people =
        byRater.keySet().stream().filter(rater -> !rater.startsWith(MODEL)).toList();
    if (people.size() < 2) {
      return;
    }
    Map<String, List<JudgedPair>> byPair = new LinkedHashMap<>();
    for (String person : people) {
      for (JudgedPair pair : byRater.getOrDefault(person, List.of())) {
        byPair.computeIfAbsent(pair.pairId(), id -> new ArrayList<>()).add(pair);
      }
    }
    List<JudgedPair> together = new ArrayList<>();
    byPair.forEach(
        (id, judged) -> {
          double mean =
              judged.stream()
                  .mapToDouble(pair -> pair.verdict().orElseThrow())
                  .average()
                  .orElseThrow();
          together.add(judged.get(0).by(PEOPLE, mean));
        });
    byRater.put(PEOPLE, together);
  }
}
