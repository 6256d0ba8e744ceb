package io.cria.evaluate;

import io.cria.task.CriaException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * More than two answerers on one scale, as one rater judged them ({@link BradleyTerry}).
 *
 * @param places the strongest first; empty where there is no scale
 * @param none why there is no scale; null where there is one
 */
public record Ranking(String rater, List<BradleyTerry.Ranked> places, @Nullable String none) {
  public Ranking {
    places = List.copyOf(places);
  }

  static Ranking of(String rater, List<JudgedPair> judged) {
    List<BradleyTerry.Match> matches =
        judged.stream()
            .filter(pair -> pair.points() != null)
            .map(
                pair ->
                    new BradleyTerry.Match(
                        pair.first(), pair.second(), pair.verdict().orElseThrow()))
            .toList();
    try {
      return new Ranking(rater, BradleyTerry.of(matches).ranking(), null);
    } catch (CriaException e) {
      return new Ranking(rater, List.of(), e.getMessage());
    }
  }
}
