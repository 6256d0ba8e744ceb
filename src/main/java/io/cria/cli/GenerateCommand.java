package io.cria.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code cria generate --checkpoint DIR --prompt TEXT}. */
@Command(
    description = {
      "Answers of a tuned model to one instruction, or to a file of them. The instruction is laid"
          + " out",
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
          "JSON lines with instruction and, optionally, input; the answers are JSON lines too. A"
              + " question that does not fit has an error in place of an answer, and the exit code"
              + " is 2.")
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
    try (TunedModel model = options.open(this::say)) {
      if (!raw) {
        model.notice().ifPresent(this::say);
      }
      if (prompt != null) {
        out().println(answer(model, prompt, decoding).text().strip());
      } else if (input != null) {
        return answerAll(model, input, decoding);
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

  /** A question of the file, and why it cannot be asked, if so. */
  private record Asked(TunedModel.Question question, @Nullable String refusal) {}

  private ExitCode answerAll(TunedModel model, Path file, Decoding decoding) {
    List<Asked> all = questions(file, model, decoding);
    for (int from = 0; from < all.size(); from += batch) {
      List<Asked> some = all.subList(from, Math.min(all.size(), from + batch));
      Iterator<Generated> answers =
          answers(
                  model,
                  some.stream()
                      .filter(asked -> asked.refusal == null)
                      .map(Asked::question)
                      .toList(),
                  decoding)
              .iterator();
      for (Asked asked : some) {
        ObjectNode line =
            JSON.createObjectNode()
                .put("instruction", asked.question.instruction())
                .put("input", asked.question.input());
        if (asked.refusal == null) {
          Generated answer = answers.next();
          line.put("output", answer.text().strip()).put("finish_reason", answer.finishReason());
        } else {
          line.putNull("output").put("finish_reason", "error").put("error", asked.refusal);
        }
        out().println(line);
      }
    }
    return all.stream().allMatch(asked -> asked.refusal == null)
        ? ExitCode.DONE
        : ExitCode.BAD_INPUT;
  }

  private List<Generated> answers(
      TunedModel model, List<TunedModel.Question> questions, Decoding decoding) {
    if (questions.isEmpty()) {
      return List.of();
    }
    return raw
        ? questions.stream().map(one -> answer(model, one.instruction(), decoding)).toList()
        : model.answer(questions, decoding);
  }

  private List<Asked> questions(Path file, TunedModel model, Decoding decoding) {
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (IOException e) {
      throw CriaException.badInput("cannot read " + file + ": give a UTF-8 file of JSON lines");
    }
    List<Asked> all = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      // editors may have begun the file with a byte order mark
      String line = i == 0 ? lines.get(0).replaceFirst("^\uFEFF", "") : lines.get(i);
      if (!line.isBlank()) {
        String where = file + ":" + (i + 1);
        TunedModel.Question question = question(line, where);
        String refusal =
            (raw
                    ? model.refusalOfText(question.instruction(), decoding)
                    : model.refusal(question, decoding))
                .orElse(null);
        if (refusal != null) {
          err().println("cria: " + where + ": " + refusal);
        }
        all.add(new Asked(question, refusal));
      }
    }
    return all;
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
