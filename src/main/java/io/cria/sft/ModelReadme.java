package io.cria.sft;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import io.cria.sft.train.LoraFiles;
import io.cria.task.CriaException;
import io.cria.task.HubLicense;
import io.cria.task.Terms;
import io.cria.weights.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The {@code README.md} of a tuned model or adapter, in the form of Hugging Face's model cards: a
 * YAML head, then what it is, how it was tuned and under which terms it is handed on. It says what
 * {@link CheckpointCard} says, for people, and is theirs to go on with: no checksum holds it fast.
 */
public final class ModelReadme {
  public static final String FILE = "README.md";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final JsonNode card;
  private final String base;
  private final boolean adapter;
  private final StringBuilder out = new StringBuilder();

  private ModelReadme(JsonNode card, String base, boolean adapter) {
    this.card = card;
    this.base = base;
    this.adapter = adapter;
  }

  /**
   * Writes it beside a model or an adapter.
   *
   * @param base what the base is called where no card tells
   */
  public static void write(Path directory, String base) {
    JsonNode card = card(directory.resolve(CheckpointCard.FILE));
    ModelReadme readme =
        new ModelReadme(
            card,
            card.path(CheckpointCard.BASE).asText(base),
            Files.exists(directory.resolve(LoraFiles.CONFIG)));
    AtomicFile.write(directory.resolve(FILE), readme.text());
  }

  private static JsonNode card(Path file) {
    try {
      return Files.exists(file) ? JSON.readTree(Files.readString(file)) : JSON.createObjectNode();
    } catch (IOException e) {
      throw CriaException.badInput("cannot read " + file + " as JSON: take it again");
    }
  }

  private String text() {
    head();
    making();
    use();
    terms();
    return out.toString();
  }

  private Map<String, String> told() {
    Map<String, String> told = new TreeMap<>();
    card.path(CheckpointCard.TERMS)
        .properties()
        .forEach(each -> told.put(each.getKey(), each.getValue().asText()));
    return told;
  }

  private String term(String key) {
    return told().getOrDefault(key, Terms.NOT_STATED);
  }

  private void head() {
    String license = term(Terms.LICENSE);
    line("---");
    line("library_name: " + (adapter ? "peft" : "transformers"));
    line("pipeline_tag: text-generation");
    line("base_model: " + quoted(base));
    HubLicense.head(license.equals(Terms.NOT_STATED) ? null : license)
        .forEach((key, value) -> line(key + ": " + quoted(inline(value))));
    List<String> datasets = new ArrayList<>();
    card.path(CheckpointCard.DATASETS).forEach(name -> datasets.add(name.asText()));
    if (!datasets.isEmpty()) {
      list("datasets", datasets);
    }
    List<String> tags = new ArrayList<>(List.of("cria", "instruction-tuning"));
    if (isLora()) {
      tags.add("lora");
    }
    list("tags", tags);
    line("---");
    line("");
    line("# " + (adapter ? "An adapter of " : "Tuned from ") + inline(base));
    line("");
  }

  private boolean isLora() {
    return adapter || card.path("training").path("lora").isObject();
  }

  private void making() {
    if (card.isEmpty()) {
      line("A LoRA adapter added into the weights of `" + inline(base) + "`.");
      line("");
      return;
    }
    line(
        "`"
            + inline(base)
            + "`, tuned "
            + (isLora() ? "by a low-rank adapter" : "in all its weights")
            + (adapter || !isLora() ? "" : " that is added into its weights")
            + ", "
            + card.path("steps").asInt()
            + " steps."
            + loss());
    line("");
    line("| | |");
    line("|---|---|");
    row("layout of a prompt", "`" + inline(card.path("template").path("name").asText()) + "`");
    row("data", "fingerprint `" + inline(card.path("data").asText()) + "`");
    row("base", "fingerprint `" + card.path(CheckpointCard.BASE_FINGERPRINT).asText() + "`");
    JsonNode training = card.path("training");
    row("learning rate", training.path("optimizer").path("learningRate").asText());
    row("epochs", training.path("epochs").asText());
    row("rows a step", training.path("batchRows").asText());
    if (isLora()) {
      JsonNode lora = training.path("lora");
      row("rank, alpha", lora.path("rank").asText() + ", " + lora.path("alpha").asText());
    }
    line("");
    line("`" + CheckpointCard.FILE + "` holds all settings and the files' checksums.");
    line("");
  }

  private String loss() {
    return card.has("eval_loss_after")
        ? String.format(
            Locale.ROOT,
            " The loss on held-out examples was %.4f before and %.4f after.",
            card.path("eval_loss_before").asDouble(),
            card.path("eval_loss_after").asDouble())
        : "";
  }

  private void use() {
    line("## How to ask it");
    line("");
    line("```python");
    if (adapter) {
      line("from peft import PeftModel");
      line("from transformers import AutoModelForCausalLM");
      line("");
      line("base = AutoModelForCausalLM.from_pretrained(" + quoted(base) + ")");
      line("model = PeftModel.from_pretrained(base, \"PATH-OF-THIS-DIRECTORY\")");
    } else {
      line("from transformers import AutoModelForCausalLM, AutoTokenizer");
      line("");
      line("model = AutoModelForCausalLM.from_pretrained(\"PATH-OF-THIS-DIRECTORY\")");
      line("tokenizer = AutoTokenizer.from_pretrained(\"PATH-OF-THIS-DIRECTORY\")");
    }
    line("```");
    line("");
    line(
        "`cria generate --checkpoint PATH"
            + (adapter ? "-OF-THE-BASE --adapter PATH" : "")
            + " --prompt \"…\"` lays a prompt out as it was taught.");
    line("");
  }

  private void terms() {
    line("## Licence and use");
    line("");
    line("| | |");
    line("|---|---|");
    row("licence", term(Terms.LICENSE));
    row("terms of the model that wrote the data", term("teacher_terms"));
    row("intended use", term("intended_use"));
    row("attribution", term("attribution"));
    line("");
    line(
        "It was tuned on texts that may be a language model's. What it writes can be wrong or"
            + " biased; nobody has checked it.");
  }

  private void list(String key, List<String> values) {
    line(key + ":");
    values.forEach(value -> line("- " + quoted(value)));
  }

  private void row(String name, String value) {
    line("| " + name + " | " + inline(value) + " |");
  }

  private void line(String text) {
    out.append(text).append('\n');
  }

  /** A JSON string, which YAML and Python read too. */
  private static String quoted(String text) {
    try {
      return JSON.writeValueAsString(TextNode.valueOf(text));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a text is always JSON", e);
    }
  }

  /** On one line and unable to end a table's cell. */
  private static String inline(String text) {
    return text.strip().replaceAll("\\s+", " ").replace("|", "\\|");
  }
}
