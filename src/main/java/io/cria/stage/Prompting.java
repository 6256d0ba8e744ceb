package io.cria.stage;

import io.cria.ask.PlannedRequest;
import io.cria.ask.PlannedRequest.Subject;
import io.cria.ask.RequestRows;
import io.cria.ask.Samples;
import io.cria.config.DecodingConfig;
import io.cria.prompt.BuiltPrompt;
import io.cria.run.RunContext;
import io.cria.run.RunTables;
import io.cria.run.Schemas;
import io.cria.storage.Manifest;
import io.cria.task.Message;
import io.cria.task.SeededRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Turns built prompts into planned requests in the endpoint's dialect, and publishes a round of
 * them. A round is written before anything of it is sent.
 */
final class Prompting {
  private final RunContext context;
  private final String stage;
  private final int version;
  private @Nullable Samples samples;
  private int sampledUpTo = -1;

  Prompting(RunContext context, String stage, int version) {
    this.context = context;
    this.stage = stage;
    this.version = version;
  }

  /** Goes to the next round that is planned anew; rounds come in ascending order. */
  void begin(int round) {
    if (samples == null || sampledUpTo != round) {
      samples = Samples.before(context, stage, round);
    }
    sampledUpTo = round + 1;
  }

  /** One request of the round that was begun, in request order. */
  PlannedRequest plan(
      int round, int row, BuiltPrompt prompt, DecodingConfig decoding, @Nullable Subject subject) {
    boolean chat = context.config().endpoint().dialect().equals("chat");
    List<Message> messages =
        chat ? prompt.messages(Prompts.of(context).systemMessage()) : List.of();
    Samples begun = samples;
    if (begun == null) {
      throw new IllegalStateException("no round was begun");
    }
    Samples.Keyed keyed =
        begun.next(
            round, row, chat ? null : prompt.text(), messages, decoding.decoding(seed(round, row)));
    return new PlannedRequest(
        keyed.request(),
        keyed.contentKey(),
        prompt.demonstrationIds(),
        prompt.openNumber(),
        subject);
  }

  /** The request's own sampling seed: 31 bits, which every server takes. */
  private long seed(int round, int row) {
    long seed = context.config().rounds().seed();
    return SeededRandom.of(seed, stage + ":decoding", round, row).nextInt(Integer.MAX_VALUE);
  }

  /** The stream that prompts of a row are sampled from. */
  SeededRandom random(int round, int row) {
    return SeededRandom.of(context.config().rounds().seed(), stage, round, row);
  }

  void publish(int round, List<Manifest.Input> inputs, List<PlannedRequest> requests) {
    RunTables.publish(
        context,
        RunTables.requests(stage, round),
        stage,
        version,
        inputs,
        Schemas.REQUESTS,
        new ArrayList<>(requests.stream().map(RequestRows::of).toList()),
        Map.of("planned", (long) requests.size()));
  }

  boolean isPlanned(int round, List<Manifest.Input> inputs) {
    return RunTables.upToDate(context, RunTables.requests(stage, round), stage, version, inputs)
        .isPresent();
  }
}
