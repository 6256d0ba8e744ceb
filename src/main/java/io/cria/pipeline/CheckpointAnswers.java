package io.cria.pipeline;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.config.AskConfig;
import io.cria.config.EvaluationConfig.Generation;
import io.cria.evaluate.GivenAnswer;
import io.cria.evaluate.TaskPrompt;
import io.cria.run.AskContext;
import io.cria.run.RunTables;
import io.cria.stage.AnswersGiven;
import io.cria.stage.BesideStage;
import io.cria.storage.Manifest;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.Ids;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * A checkpoint answers every prompt of the set, batch by batch in the engine's own process. Some
 * batches at a time are committed, so that an invocation that was stopped goes on behind them.
 */
final class CheckpointAnswers implements BesideStage {
  /** Answers that are committed together, or a little more: whole batches. */
  private static final int TOGETHER = 32;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final AnswersGiven.Asked asked;
  private final Model model;
  private final Generation generation;

  /**
   * Who answers.
   *
   * @param checkpoint a model's directory or an adapter's
   * @param adapter of the model; null without one
   * @param fingerprint stands for its bytes
   */
  record Model(Path checkpoint, @Nullable Path adapter, String fingerprint) {
    /** Of {@code cria generate}. */
    List<String> arguments() {
      List<String> arguments = new ArrayList<>(List.of("--checkpoint", checkpoint.toString()));
      if (adapter != null) {
        arguments.addAll(List.of("--adapter", adapter.toString()));
      }
      return arguments;
    }
  }

  /** Takes the engine's lines. */
  @FunctionalInterface
  interface Lines {
    /** Returns whether none is to come. */
    boolean add(String line);
  }

  CheckpointAnswers(AnswersGiven.Asked asked, Model model, Generation generation) {
    this.asked = asked;
    this.model = model;
    this.generation = generation;
  }

  @Override
  public String name() {
    return asked.stage().name();
  }

  @Override
  public Optional<AskConfig> asks() {
    return Optional.empty();
  }

  @Override
  public boolean run(AskContext context) {
    int done = asked.done(context);
    boolean open = done < asked.prompts().size();
    if (open) {
      context.checkpoint();
      context.progress().begin(name(), asked.prompts().size());
      context.progress().advance(done, null);
      try {
        generate(context, done);
      } finally {
        context.progress().end();
      }
    }
    AnswersGiven.requireAny(context, asked, ExitCode.BAD_INPUT);
    return open;
  }

  private void generate(AskContext context, int done) {
    ask(
        context,
        asked.name(),
        arguments(),
        asked.prompts().subList(done, asked.prompts().size()),
        new Parts(context, done));
  }

  /**
   * Puts texts to the engine.
   *
   * @param name of the answerer, for messages
   * @param arguments of {@code cria generate}, but the file of texts
   * @param lines told each line that it writes, one a text
   */
  static void ask(
      AskContext context,
      String name,
      List<String> arguments,
      List<TaskPrompt> texts,
      Lines lines) {
    Path questions = questions(texts);
    List<String> all = new ArrayList<>(arguments);
    all.addAll(List.of("--input", questions.toString()));
    try (EngineProcess engine =
        EngineProcess.start(name, all, line -> context.progress().note(line))) {
      boolean whole = false;
      for (Optional<String> line = engine.next(context::checkpoint);
          line.isPresent();
          line = engine.next(context::checkpoint)) {
        if (whole) {
          throw new CriaException(
              ExitCode.FAULT, name + ": the engine wrote more lines than it was given texts");
        }
        whole = lines.add(line.get());
      }
      context.checkpoint();
      engine.requireWell(whole);
    } finally {
      remove(questions);
    }
  }

  private List<String> arguments() {
    List<String> arguments = new ArrayList<>(model.arguments());
    arguments.addAll(List.of("--max-tokens", generation.maxTokens().toString()));
    arguments.addAll(List.of("--temperature", generation.temperature().toString()));
    arguments.addAll(List.of("--batch", generation.batch().toString()));
    arguments.addAll(List.of("--seed", generation.seed().toString()));
    return arguments;
  }

  private static Path questions(List<TaskPrompt> prompts) {
    StringBuilder lines = new StringBuilder();
    for (TaskPrompt prompt : prompts) {
      lines
          .append(
              JSON.createObjectNode()
                  .put("instruction", prompt.instruction())
                  .put("input", prompt.input()))
          .append('\n');
    }
    try {
      Path file = Files.createTempFile("cria-questions", ".jsonl");
      Files.writeString(file, lines);
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException("the questions cannot be written for the engine", e);
    }
  }

  private static void remove(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      // it lies where temporary files are swept
      System.getLogger(CheckpointAnswers.class.getName())
          .log(System.Logger.Level.DEBUG, "{0} stays: {1}", file, e.getMessage());
    }
  }

  /** What the engine wrote, on its way into the table. */
  private final class Parts implements Lines {
    private final AskContext context;
    private final int size;
    private final List<Row> rows = new ArrayList<>();
    private int next;
    private int number;

    Parts(AskContext context, int done) {
      this.context = context;
      this.next = done;
      int batch = generation.batch();
      this.size = (TOGETHER + batch - 1) / batch * batch;
      this.number = done == 0 ? 0 : RunTables.committed(context.run(), asked.directory()).size();
    }

    private boolean isWhole() {
      return next == asked.prompts().size();
    }

    @Override
    public boolean add(String line) {
      rows.add(AnswersGiven.row(answer(line, asked.prompts().get(next)), asked.round(), next));
      next++;
      context.progress().advance(next, null);
      if (rows.size() == size || isWhole()) {
        commit();
      }
      return isWhole();
    }

    private void commit() {
      context.checkpoint();
      Manifest unused =
          RunTables.publishPart(
              context,
              AnswersGiven.TABLE,
              asked.directory(),
              number,
              rows,
              RunTables.manifest(
                  context, asked.stage(), List.of(asked.set()), AnswersGiven.counts(rows)));
      number++;
      rows.clear();
    }
  }

  private GivenAnswer answer(String line, TaskPrompt prompt) {
    JsonNode given;
    try {
      given = JSON.readTree(line);
    } catch (JsonProcessingException e) {
      throw new CriaException(
          ExitCode.FAULT, asked.name() + ": the engine wrote what is no answer", e);
    }
    boolean refused = given.path("output").isNull();
    return new GivenAnswer(
        id(prompt),
        prompt,
        asked.name(),
        refused ? null : given.path("output").asText(),
        refused ? null : given.path("finish_reason").asText(),
        refused ? null : given.path("prompt_tokens").asLong(),
        refused ? null : given.path("completion_tokens").asLong(),
        refused ? given.path("error").asText() : null);
  }

  /** As an answer that was asked for over HTTP has it: what stands for its request, an attempt. */
  private String id(TaskPrompt prompt) {
    Map<String, Object> request = new TreeMap<>();
    request.put("checkpoint", model.fingerprint());
    request.put("instruction", prompt.instruction());
    request.put("input", prompt.input());
    request.put("generation", generation);
    request.put("prompt", prompt.id());
    try {
      return Ids.answer(Ids.sha256(JSON.writeValueAsString(request)), 1);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a request of ours is always JSON", e);
    }
  }
}
