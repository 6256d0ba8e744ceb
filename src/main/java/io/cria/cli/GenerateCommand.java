package io.cria.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.sft.TunedModel;
import io.cria.task.CriaException;
import io.cria.task.Decoding;
import io.cria.task.ExitCode;
import io.cria.task.TextGenerator.Generated;
import io.cria.task.TextGenerator.PromptTooLongException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code cria generate --checkpoint DIR --prompt TEXT}. */
@Command(
    description = {
      "Answers of a tuned model to one instruction, or to a file of them. The instruction is laid out",
      "as the model was taught; --raw goes on from the text as it stands. Greedy unless told",
      "otherwise."
    },
    footer = {
      "",
      "Examples:",
      "  cria generate --checkpoint runs/tuned/model --prompt 'Name three rivers.'",
      "  cria generate --checkpoint base --adapter runs/tuned/adapter --input questions.jsonl"
    })
final class GenerateCommand extends CriaCommand {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Mixin CheckpointOptions options = new CheckpointOptions();

  @Option(names = "--prompt", paramLabel = "TEXT", description = "The instruction.")
  @Nullable String prompt;

  @Option(
      names = "--input",
      paramLabel = "FILE",
      description =
          "JSON lines with instruction and, optionally, input; the answers are JSON lines too.")
  @Nullable Path input;

  @Option(names = "--raw", description = "Go on from the text itself, without a layout.")
  boolean raw;

  @Option(
      names = "--max-tokens",
      defaultValue = "256",
      paramLabel = "N",
      description = "Tokens of an answer at most (${DEFAULT-VALUE}).")
  int maxTokens;

  @Option(
      names = "--temperature",
      defaultValue = "0",
      paramLabel = "T",
      description = "0 always takes the likeliest token, the default.")
  double temperature;

  @Option(names = "--top-p", paramLabel = "P", description = "Share of probability drawn from.")
  @Nullable Double topP;

  @Option(names = "--min-p", paramLabel = "P", description = "Least share of the likeliest's.")
  @Nullable Double minP;

  @Option(
      names = "--repeat-penalty",
      paramLabel = "F",
      description = "Above 1 makes repetition less likely.")
  @Nullable Double repeatPenalty;

  @Option(names = "--stop", paramLabel = "TEXT", description = "Ends an answer. May be repeated.")
  List<String> stops = List.of();

  @Option(
      names = "--seed",
      defaultValue = "0",
      paramLabel = "N",
      description = "Of the draws; the same seed, the same answers.")
  long seed;

  @Option(
      names = "--batch",
      defaultValue = "8",
      paramLabel = "N",
      description = "Answers written side by side (${DEFAULT-VALUE}).")
  int batch;

  @Override
  ExitCode run() {
    if ((prompt == null) == (input == null)) {
      throw CriaException.badInput("generate: give either --prompt TEXT or --input FILE");
    }
    if (batch < 1) {
      throw CriaException.badInput("generate: --batch " + batch + ": give at least 1");
    }
    Decoding decoding = decoding();
    try (TunedModel model = options.open()) {
      if (prompt != null) {
        out().println(answer(model, prompt, decoding).text().strip());
      } else if (input != null) {
        answerAll(model, input, decoding);
      }
    } catch (PromptTooLongException e) {
      throw new CriaException(ExitCode.BAD_INPUT, "generate: " + e.getMessage(), e);
    }
    return ExitCode.DONE;
  }

  private Decoding decoding() {
    try {
      return new Decoding(
          maxTokens, temperature, topP, minP, null, null, repeatPenalty, stops, Map.of(), seed);
    } catch (IllegalArgumentException e) {
      throw new CriaException(ExitCode.BAD_INPUT, "generate: " + e.getMessage(), e);
    }
  }

  private Generated answer(TunedModel model, String text, Decoding decoding) {
    return raw
        ? model.complete(text, decoding)
        : model.answer(List.of(new TunedModel.Question(text, "")), decoding).get(0);
  }

  private void answerAll(TunedModel model, Path file, Decoding decoding) {
    List<TunedModel.Question> questions = questions(file);
    for (int from = 0; from < questions.size(); from += batch) {
      List<TunedModel.Question> some =
          questions.subList(from, Math.min(questions.size(), from + batch));
      List<Generated> answers =
          raw
              ? some.stream().map(one -> answer(model, one.instruction(), decoding)).toList()
              : model.answer(some, decoding);
      for (int i = 0; i < some.size(); i++) {
        out()
            .println(
                JSON.createObjectNode()
                    .put("instruction", some.get(i).instruction())
                    .put("input", some.get(i).input())
                    .put("output", answers.get(i).text().strip())
                    .put("finish_reason", answers.get(i).finishReason()));
      }
    }
  }

  private static List<TunedModel.Question> questions(Path file) {
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (IOException e) {
      throw CriaException.badInput("cannot read " + file + ": give a UTF-8 file of JSON lines");
    }
    List<TunedModel.Question> questions = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      if (!lines.get(i).isBlank()) {
        questions.add(question(lines.get(i), file + ":" + (i + 1)));
      }
    }
    return questions;
  }

  private static TunedModel.Question question(String line, String where) {
    try {
      JsonNode record = JSON.readTree(line);
      if (record.path("instruction").isTextual()) {
        return new TunedModel.Question(
            record.path("instruction").asText(), record.path("input").asText(""));
      }
    } catch (JsonProcessingException e) {
      throw CriaException.badInput(where + ": this is no JSON: repair the line");
    }
    throw CriaException.badInput(
        where + ": the key \"instruction\" is no text: give {\"instruction\": …, \"input\": …}");
  }
}
