package io.cria.stage;

import io.cria.ask.PlannedRequest;
import io.cria.ask.PlannedRequest.Subject;
import io.cria.ask.RequestRows;
import io.cria.ask.Samples;
import io.cria.config.DecodingConfig;
import io.cria.prompt.BuiltPrompt;
import io.cria.run.AskContext;
import io.cria.run.Line;
import io.cria.run.ParquetRows;
import io.cria.run.RunContext;
import io.cria.run.RunTables;
import io.cria.run.StageDeclaration;
import io.cria.storage.Commits;
import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import io.cria.task.Message;
import io.cria.task.Part;
import io.cria.task.SeededRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * Turns built prompts into planned requests in the endpoint's dialect, and publishes a round of
 * them, a file a part. A round is written before anything of it is sent; no more than one part of
 * it is held.
 */
final class Planning {
  private final AskContext context;
  private final StageDeclaration stage;
  private final boolean chat;
  private final String system;
  private @Nullable Samples samples;
  private int sampledUpTo = -1;

  /**
   * @param system the system message of the chat dialect
   */
  Planning(AskContext context, StageDeclaration stage, String system) {
    this.context = context;
    this.stage = stage;
    this.chat = isChat(context);
    this.system = system;
  }

  /** Of a stage of the line. */
  static Planning of(RunContext context, StageDeclaration stage) {
    return new Planning(context, stage, isChat(context) ? Prompts.of(context).systemMessage() : "");
  }

  /** Whether messages are sent; else a plain prompt. */
  static boolean isChat(AskContext context) {
    return context.asking().endpoint().dialect().equals("chat");
  }

  /** Whether the round's requests are published, made from these inputs. */
  boolean isPlanned(int round, List<Manifest.Input> inputs) {
    return RunTables.upToDate(context, stage.requests(round), stage, inputs).isPresent();
  }

  /** How many requests a published round has; 0 when it is not published. */
  static long planned(AskContext context, StageDeclaration stage, int round) {
    Optional<Manifest> requests = new Commits(context.run()).manifest(stage.requests(round));
    return requests.map(Manifest::rows).orElse(0L);
  }

  /** The stream that prompts of a row are sampled from. */
  SeededRandom random(int round, int row) {
    return SeededRandom.of(context.asking().seed(), stage.name(), round, row);
  }

  /** Goes to the next round that is planned anew; rounds come in ascending order. */
  Round begin(int round) {
    if (samples == null || sampledUpTo != round) {
      samples = Samples.before(context, stage, round);
    }
    sampledUpTo = round + 1;
    return new Round(round, samples);
  }

  /** A round being planned. */
  final class Round {
    private final int round;
    private final Samples samples;
    private final RunDirectory run = context.run();
    private final String temporary = context.run().newTemporary();
    private final List<Row> rows = new ArrayList<>();
    private final List<Manifest.File> files = new ArrayList<>();
    private int count;

    private Round(int round, Samples samples) {
      this.round = round;
      this.samples = samples;
    }

    /** The number of the next request. */
    int nextRow() {
      return count;
    }

    /** Adds a request, in request order. */
    void add(BuiltPrompt prompt, DecodingConfig decoding, @Nullable Subject subject) {
      add(
          prompt,
          chat ? null : prompt.text(),
          chat ? messages(prompt) : List.of(),
          decoding,
          subject);
    }

    /**
     * Adds a request to moderate texts.
     *
     * @param texts by id, in order
     */
    void add(Map<String, String> texts, DecodingConfig decoding, Subject subject) {
      add(
          new BuiltPrompt("", List.copyOf(texts.keySet()), 0),
          null,
          texts.values().stream().map(text -> new Message(Message.INPUT, text)).toList(),
          decoding,
          subject);
    }

    private void add(
        BuiltPrompt prompt,
        @Nullable String text,
        List<Message> messages,
        DecodingConfig decoding,
        @Nullable Subject subject) {
      Samples.Keyed keyed = samples.next(round, count, text, messages, decoding.decoding(seed()));
      rows.add(
          RequestRows.of(
              new PlannedRequest(
                  keyed.request(),
                  keyed.contentKey(),
                  prompt.demonstrationIds(),
                  prompt.openNumber(),
                  subject)));
      count++;
      if (rows.size() == Part.ROWS) {
        write();
      }
    }

    private List<Message> messages(BuiltPrompt prompt) {
      return system.isEmpty()
          ? List.of(new Message(Message.USER, prompt.text()))
          : prompt.messages(system);
    }

    /** The request's own sampling seed: 31 bits, which every server takes. */
    private long seed() {
      long seed = context.asking().seed();
      return SeededRandom.of(seed, stage.name() + ":decoding", round, count)
          .nextInt(Integer.MAX_VALUE);
    }

    private void write() {
      String directory = stage.requests(round);
      String name = Commits.partFile("", files.size()).substring(1);
      String path = temporary + "/" + name;
      ParquetRows.write(run, path, Line.REQUESTS.fileColumns(), rows);
      files.add(
          new Manifest.File(name, rows.size(), run.size(path), run.sha256(path)).in(directory));
      rows.clear();
    }

    /** Takes back what was made of an earlier plan: this one may have fewer parts. */
    private void withdraw(String directory) {
      Commits commits = new Commits(run);
      for (int part = commits.parts(directory).size() - 1; part >= 0; part--) {
        context.lock().requireHeld();
        commits.withdraw(Commits.part(directory, part), context.epoch());
        run.delete(Commits.partFile(directory, part));
      }
    }

    /** Publishes the round. */
    void publish(List<Manifest.Input> inputs) {
      if (!rows.isEmpty() || files.isEmpty()) {
        write();
      }
      context.checkpoint();
      withdraw(stage.table().round(round));
      withdraw(stage.answers(round));
      Manifest manifest =
          RunTables.manifest(context, stage, inputs, Map.of("planned", (long) count));
      RunTables.publish(
          context,
          stage.requests(round),
          Map.of(temporary, stage.requests(round)),
          manifest.withFiles(files));
    }
  }
}
