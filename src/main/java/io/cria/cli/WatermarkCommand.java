package io.cria.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cria.safety.WatermarkDetector;
import io.cria.safety.WatermarkProfile;
import io.cria.sft.BaseModel;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.UserText;
import io.cria.tokenizer.ModelTokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cria watermark new | detect}. */
@Command(
    description = {
      "A mark in what a model writes, which readers do not see and the holder of a key detects"
          + " (arXiv 2301.10226)."
    },
    footer = {
      "",
      "Examples:",
      "  cria watermark new --base runs/tuned/model --output mark.yaml",
      "  cria generate --checkpoint runs/tuned/model --watermark mark.yaml --prompt 'Name a river.'",
      "  cria watermark detect mark.yaml answers.jsonl --field output"
    })
final class WatermarkCommand extends CriaCommand {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Override
  ExitCode run() {
    throw new picocli.CommandLine.ParameterException(
        spec.commandLine(), "what to do is missing: cria watermark new, or cria watermark detect");
  }

  @Command(
      name = "new",
      description = {
        "Writes a profile and a new key beside it. Whoever has the key can detect the mark and forge"
            + " it; who lost it",
        "detects nothing any more."
      })
  Integer create(
      @Option(
              names = "--base",
              required = true,
              paramLabel = "MODEL",
              description = "The directory of the model that will write.")
          Path base,
      @Option(
              names = "--output",
              required = true,
              paramLabel = "FILE",
              description = "The profile; the key is FILE with .key after it.")
          Path output,
      @Option(
              names = "--scheme",
              defaultValue = "self-hash",
              paramLabel = "S",
              description = "self-hash, or left-hash: quicker, and easier to find out.")
          String scheme,
      @Option(
              names = "--context-width",
              defaultValue = "" + WatermarkProfile.CONTEXT_WIDTH,
              paramLabel = "N",
              description = "Tokens that choose the green list (${DEFAULT-VALUE}).")
          int contextWidth,
      @Option(
              names = "--share",
              defaultValue = "" + WatermarkProfile.SHARE,
              paramLabel = "G",
              description = "Share of the vocabulary that is green (${DEFAULT-VALUE}).")
          double share,
      @Option(
              names = "--bias",
              defaultValue = "" + WatermarkProfile.BIAS,
              paramLabel = "D",
              description =
                  "Added to green logits: more is detected sooner, and reads worse"
                      + " (${DEFAULT-VALUE}).")
          double bias) {
    logAsAsked();
    Path key = NewWatermark.write(output, base, share, bias, scheme, contextWidth);
    out().println(output);
    say("the key is " + key + ": keep it, and keep it secret");
    return outcome(ExitCode.DONE);
  }

  @Command(
      description = {
        "Tells for each text whether it bears the mark: z is how far its green tokens are above"
            + " chance, p how",
        "likely an unmarked text has as many. Repeated passages count once. Short texts tell little:"
            + " look at z."
      })
  Integer detect(
      @Parameters(paramLabel = "PROFILE", description = "As cria watermark new wrote it.")
          Path profile,
      @Parameters(
              paramLabel = "FILE",
              description = "A text; with --field, JSON lines that have one each.")
          Path file,
      @Option(
              names = "--field",
              paramLabel = "NAME",
              description = "The field of a JSON line that holds the text, for example output.")
          @Nullable String field,
      @Option(
              names = "--threshold",
              defaultValue = "4",
              paramLabel = "Z",
              description = "z from which a text is called marked (${DEFAULT-VALUE}).")
          double threshold,
      @Option(
              names = "--window",
              defaultValue = "0",
              paramLabel = "N",
              description =
                  "Look also for the most marked passage of so many tokens, for a mark inside other"
                      + " text.")
          int window,
      @Option(names = "--json", description = "JSON lines in place of a table.") boolean json) {
    logAsAsked();
    WatermarkProfile.Opened opened = WatermarkProfile.open(profile);
    if (opened.tokenizer() == null) {
      throw CriaException.badInput(
          profile + ": tokenizer is missing: name the model that writes the texts");
    }
    Map<Integer, String> texts = field == null ? Map.of(1, whole(file)) : lines(file, field);
    WatermarkDetector detector =
        new WatermarkDetector(opened.watermark(), opened.vocabularySize(), true);
    List<Found> found = new ArrayList<>();
    try (ModelTokenizer tokenizer = BaseModel.tokenizer(opened.tokenizer())) {
      texts.forEach(
          (line, text) -> {
            int[] tokens = tokenizer.encode(text, false);
            found.add(
                new Found(
                    line,
                    detector.score(tokens),
                    window > 0
                        ? detector.strongest(tokens, window, Math.max(1, window / 4))
                        : null));
          });
    }
    print(found, threshold, json);
    return outcome(ExitCode.DONE);
  }

  private record Found(
      int line, WatermarkDetector.Score score, WatermarkDetector.@Nullable Windowed strongest) {
    boolean isMarked(double threshold) {
      return score.z() >= threshold || (strongest != null && strongest.score().z() >= threshold);
    }
  }

  private void print(List<Found> all, double threshold, boolean json) {
    TextTable table =
        new TextTable(
            List.of("line", "scored", "green", "z", "p", "strongest", "marked"),
            TextTable.MAX_CELL);
    for (Found found : all) {
      if (json) {
        out().println(tree(found, threshold));
      } else {
        WatermarkDetector.Score score = found.score();
        WatermarkDetector.Windowed strongest = found.strongest();
        table.add(
            List.of(
                String.valueOf(found.line()),
                String.valueOf(score.scored()),
                String.valueOf(score.green()),
                String.format(Locale.ROOT, "%.2f", score.z()),
                String.format(Locale.ROOT, "%.2g", score.p()),
                strongest == null
                    ? ""
                    : String.format(
                        Locale.ROOT,
                        "%.2f at %d-%d",
                        strongest.score().z(),
                        strongest.from(),
                        strongest.to()),
                found.isMarked(threshold) ? "yes" : "no"));
      }
    }
    if (!json) {
      out().print(table.render());
    }
    long marked = all.stream().filter(found -> found.isMarked(threshold)).count();
    say(
        marked
            + " of "
            + all.size()
            + " texts bear the mark of this key"
            + (marked == 0 ? "; of another key nothing would be seen either" : ""));
  }

  private static ObjectNode tree(Found found, double threshold) {
    ObjectNode node = JSON.createObjectNode();
    node.put("line", found.line());
    node.put("scored", found.score().scored());
    node.put("green", found.score().green());
    node.put("z", found.score().z());
    node.put("p", found.score().p());
    WatermarkDetector.Windowed strongest = found.strongest();
    if (strongest != null) {
      node.putObject("strongest")
          .put("from", strongest.from())
          .put("to", strongest.to())
          .put("z", strongest.score().z())
          .put("p", strongest.boundedP());
    }
    return node.put("marked", found.isMarked(threshold));
  }

  private static String whole(Path file) {
    try {
      return UserText.read(file);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /** The texts by line, from 1. */
  private static Map<Integer, String> lines(Path file, String field) {
    Map<Integer, String> texts = new java.util.LinkedHashMap<>();
    try {
      int number = 0;
      for (String line : UserText.lines(file)) {
        number++;
        if (line.isBlank()) {
          continue;
        }
        JsonNode text = parsed(line, file, number).path(field);
        if (!text.isTextual()) {
          throw CriaException.badInput(
              file + ":" + number + ": no text in field '" + field + "': give --field NAME");
        }
        texts.put(number, text.asText());
      }
    } catch (IOException e) {
      throw unreadable(file, e);
    }
    return texts;
  }

  private static JsonNode parsed(String line, Path file, int number) {
    try {
      return JSON.readTree(line);
    } catch (JsonProcessingException e) {
      throw CriaException.badInput(
          file + ":" + number + ": this is no JSON: leave --field out for a plain text");
    }
  }

  private static CriaException unreadable(Path file, IOException e) {
    return new CriaException(
        ExitCode.BAD_INPUT,
        file + ": cannot be read (" + e.getMessage() + "): give a file of UTF-8 text",
        e);
  }
}
