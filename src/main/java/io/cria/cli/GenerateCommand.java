package io.cria.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cria.sft.TunedModel;
import io.cria.task.CriaException;
import io.cria.task.Decoding;
import io.cria.task.ExitCode;
import io.cria.task.TextGenerator.Generated;
import io.cria.task.TextGenerator.PromptTooLongException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.Function;
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
          "JSON lines, or one JSON array, of objects with instruction and, optionally, input. The"
              + " answers are JSON lines, with the tokens counted and all other fields of their row."
              + " A question that does not fit has an error in place of an answer, and the exit code"
              + " is 2.")
  @Nullable Path input;

  @Option(names = "--raw", description = "Go on from the text itself, without a layout.")
  boolean raw;

  @Option(
      names = "--score",
      description =
          "Write nothing: of --input tell how likely the model holds each instruction as a text, the"
              + " natural logarithm of its probability.")
  boolean score;

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

  @Option(
      names = "--with-parent",
      description = "End when standard input closes: for a program that starts this one.")
  boolean withParent;

  @Override
  ExitCode run() {
    if ((prompt == null) == (input == null)) {
      throw CriaException.badInput("generate: give either --prompt TEXT or --input FILE");
    }
    if (score && input == null) {
      throw CriaException.badInput("generate: --score goes with --input FILE");
    }
    if (batch < 1) {
      throw CriaException.badInput("generate: --batch " + batch + ": give at least 1");
    }
    Decoding decoding = decoding();
    GenerateRows rows = input == null ? null : GenerateRows.read(input);
    if (withParent) {
      endWith(System.in, Thread.currentThread());
    }
    try (TunedModel model = options.open(this::say)) {
      if (score && rows != null) {
        return scoreAll(model, rows);
      }
      if (!raw) {
        model.notice().ifPresent(this::say);
      }
      if (prompt != null) {
        String text = answer(model, prompt, decoding).text().strip();
        out().println(terminal().out() ? Visible.of(text) : text);
      } else if (rows != null) {
        return answerAll(model, rows, decoding);
      }
    } catch (PromptTooLongException e) {
      throw new CriaException(ExitCode.BAD_INPUT, "generate: " + e.getMessage(), e);
    } catch (CancellationException e) {
      throw new CriaException(
          ExitCode.STOPPED, "generate: the program that started this one has ended", e);
    }
    return ExitCode.DONE;
  }

  /** Interrupts the thread when the stream ends: generation ends between two tokens. */
  private static void endWith(InputStream in, Thread generating) {
    Thread watch =
        new Thread(
            () -> {
              try {
                in.transferTo(OutputStream.nullOutputStream());
              } catch (IOException e) {
                // a stream that breaks off has ended too
                System.getLogger(GenerateCommand.class.getName())
                    .log(System.Logger.Level.DEBUG, "standard input: {0}", e.getMessage());
              }
              generating.interrupt();
            },
            "cria-generate-parent");
    watch.setDaemon(true);
    watch.start();
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

  /** A row of the file, and why it cannot be asked, if so. */
  private record Asked(GenerateRows.Row row, @Nullable String refusal) {
    TunedModel.Question question() {
      return row.question();
    }
  }

  private ExitCode answerAll(TunedModel model, GenerateRows rows, Decoding decoding) {
    List<Asked> all =
        asked(
            rows,
            Set.of("output", "finish_reason", "prompt_tokens", "completion_tokens", "error"),
            question ->
                raw
                    ? model.refusalOfText(question.instruction(), decoding)
                    : model.refusal(question, decoding));
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
        ObjectNode line = JSON.createObjectNode();
        if (asked.refusal == null) {
          Generated answer = answers.next();
          line.put("output", answer.text().strip())
              .put("finish_reason", answer.finishReason())
              .put("prompt_tokens", answer.promptTokens())
              .put("completion_tokens", answer.completionTokens());
        } else {
          line.putNull("output").put("finish_reason", "error").put("error", asked.refusal);
        }
        out().println(asked.row.with(line));
      }
      LostOutput.check(out());
    }
    return code(all);
  }

  private ExitCode scoreAll(TunedModel model, GenerateRows rows) {
    List<Asked> all =
        asked(
            rows,
            Set.of("log_likelihood", "error"),
            question -> model.refusalToScore(question.instruction()));
    for (Asked asked : all) {
      if (Thread.currentThread().isInterrupted()) {
        throw new CancellationException("interrupted");
      }
      ObjectNode line = JSON.createObjectNode();
      if (asked.refusal == null) {
        line.put("log_likelihood", model.logLikelihood(asked.question().instruction()));
      } else {
        line.putNull("log_likelihood").put("error", asked.refusal);
      }
      out().println(asked.row.with(line));
      LostOutput.check(out());
    }
    return code(all);
  }

  private static ExitCode code(List<Asked> all) {
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

  private List<Asked> asked(
      GenerateRows read,
      Set<String> written,
      Function<TunedModel.Question, Optional<String>> refusals) {
    read.clash(written).ifPresent(this::say);
    List<Asked> all = new ArrayList<>();
    for (GenerateRows.Row row : read.rows()) {
      String refusal = refusals.apply(row.question()).orElse(null);
      if (refusal != null) {
        say(row.where() + ": " + refusal);
      }
      all.add(new Asked(row, refusal));
    }
    return all;
  }
}
