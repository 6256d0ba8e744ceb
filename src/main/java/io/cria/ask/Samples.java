package io.cria.ask;

import io.cria.llm.LlmRequest;
import io.cria.llm.RequestKey;
import io.cria.run.AskContext;
import io.cria.run.Line;
import io.cria.run.RunTables;
import io.cria.run.StageDeclaration;
import io.cria.storage.Manifest;
import io.cria.task.Decoding;
import io.cria.task.Message;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * Makes the requests of one stage in request order, and counts how often each content was asked
 * before: the first has sample 0, the second 1. Holds some bytes a request.
 */
public final class Samples {
  private final String stage;
  private final String model;
  private final ContentCounts asked = ContentCounts.empty();

  private Samples(String stage, String model) {
    this.stage = stage;
    this.model = model;
  }

  /** Counts the requests of this stage that are planned already in rounds below {@code round}. */
  public static Samples before(AskContext context, StageDeclaration stage, int round) {
    Samples samples = new Samples(stage.name(), context.asking().model());
    List<Manifest> earlier = new ArrayList<>();
    for (int planned : RunTables.rounds(context.run(), Line.REQUESTS, stage.name())) {
      if (planned < round) {
        earlier.addAll(RunTables.committed(context.run(), stage.requests(planned)));
      }
    }
    if (!earlier.isEmpty()) {
      context.job("count the contents asked in " + stage.name());
      Iterator<Row> counts =
          RunTables.read(context.spark(), context.run(), Line.REQUESTS, earlier)
              .groupBy("content_key")
              .count()
              .toLocalIterator();
      while (counts.hasNext()) {
        Row row = counts.next();
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
    int sample = asked.add(content);
    String key = RequestKey.of(model, prompt, messages, decoding, sample);
    return new Keyed(
        new LlmRequest(key, stage, round, row, sample, model, prompt, messages, decoding), content);
  }

  /** A request and the name of its content. */
  public record Keyed(LlmRequest request, String contentKey) {}
}
