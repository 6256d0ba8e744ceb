package io.cria.ask;

import io.cria.llm.LlmRequest;
import io.cria.llm.RequestKey;
import io.cria.run.RunContext;
import io.cria.run.RunTables;
import io.cria.run.Schemas;
import io.cria.task.Decoding;
import io.cria.task.Message;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * Makes the requests of one stage in request order, and counts how often each content was asked
 * before: the first has sample 0, the second 1.
 */
public final class Samples {
  private final String stage;
  private final String model;
  private final Map<String, Integer> asked = new HashMap<>();

  private Samples(String stage, String model) {
    this.stage = stage;
    this.model = model;
  }

  /** Counts the requests of this stage that are planned already in rounds below {@code round}. */
  public static Samples before(RunContext context, String stage, int round) {
    Samples samples = new Samples(stage, context.config().model());
    List<String> earlier =
        RunTables.rounds(context.run(), "requests/stage=" + stage).stream()
            .filter(r -> r < round)
            .map(r -> RunTables.requests(stage, r))
            .toList();
    if (!earlier.isEmpty()) {
      context.job("count the contents asked in " + stage);
      for (Row row :
          RunTables.read(context, Schemas.REQUESTS, earlier)
              .groupBy("content_key")
              .count()
              .collectAsList()) {
        samples.asked.put(row.getString(0), Math.toIntExact(row.getLong(1)));
      }
    }
    return samples;
  }

  /**
   * The next request.
   *
   * @param prompt what the completions dialect sends; null when {@code messages} are given
   * @param messages what the chat dialect sends; empty when a prompt is given
   */
  public Keyed next(
      int round, int row, @Nullable String prompt, List<Message> messages, Decoding decoding) {
    String content = RequestKey.contentKey(model, prompt, messages, decoding);
    int sample = asked.merge(content, 1, Integer::sum) - 1;
    String key = RequestKey.of(model, prompt, messages, decoding, sample);
    return new Keyed(
        new LlmRequest(key, stage, round, row, sample, model, prompt, messages, decoding), content);
  }

  /** A request and the name of its content. */
  public record Keyed(LlmRequest request, String contentKey) {}
}
