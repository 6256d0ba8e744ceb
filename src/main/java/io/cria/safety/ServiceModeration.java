package io.cria.safety;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a service that speaks OpenAI's moderations says of a text. Its finer categories, such as
 * {@code violence/graphic}, count for the one they belong to; those that we do not know count for
 * {@code flagged} alone.
 *
 * @param flagged by the service's own word
 * @param categories for which it is flagged
 * @param scores of all categories; 0 where the service tells none
 */
public record ServiceModeration(
    boolean flagged, Set<ModerationCategory> categories, Map<ModerationCategory, Double> scores) {
  private static final ObjectMapper JSON = new ObjectMapper();

  public ServiceModeration {
    categories = Set.copyOf(categories);
    scores = new EnumMap<>(scores);
  }

  /** Whether they are results, of however many texts. */
  public static boolean areResults(String results) {
    try {
      JsonNode all = JSON.readTree(results);
      return all.isArray()
          && all.valueStream().allMatch(result -> result.path("flagged").isBoolean());
    } catch (JsonProcessingException e) {
      return false;
    }
  }

  /**
   * Reads the results of a request.
   *
   * @param results the array {@code results} of an answer
   * @param texts how many were sent
   * @return one each, in order; empty where there are not as many, or one is none
   */
  public static Optional<List<ServiceModeration>> read(String results, int texts) {
    List<ServiceModeration> read = new ArrayList<>();
    try {
      JsonNode all = JSON.readTree(results);
      for (JsonNode result : all) {
        if (!result.path("flagged").isBoolean()) {
          return Optional.empty();
        }
        read.add(of(result));
      }
      return all.isArray() && read.size() == texts ? Optional.of(read) : Optional.empty();
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  private static ServiceModeration of(JsonNode result) {
    Set<ModerationCategory> categories = new TreeSet<>();
    Map<ModerationCategory, Double> scores = new EnumMap<>(ModerationCategory.class);
    for (ModerationCategory category : ModerationCategory.values()) {
      scores.put(category, 0.0);
    }
    result
        .path("categories")
        .properties()
        .forEach(
            said -> {
              if (said.getValue().asBoolean(false)) {
                known(said.getKey()).ifPresent(categories::add);
              }
            });
    result
        .path("category_scores")
        .properties()
        .forEach(
            said ->
                known(said.getKey())
                    .ifPresent(
                        category ->
                            scores.merge(category, said.getValue().asDouble(0), Math::max)));
    return new ServiceModeration(result.path("flagged").booleanValue(), categories, scores);
  }

  private static Optional<ModerationCategory> known(String name) {
    String base = name.split("/", 2)[0].toLowerCase(Locale.ROOT).replace('_', '-');
    for (ModerationCategory category : ModerationCategory.values()) {
      if (category.word().equals(base)) {
        return Optional.of(category);
      }
    }
    return Optional.empty();
  }
}
