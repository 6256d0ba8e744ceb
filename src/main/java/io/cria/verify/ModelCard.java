package io.cria.verify;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cria.sft.CheckpointCard;
import io.cria.sft.model.ModelFingerprint;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import io.cria.weights.BasePlace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The card of a tuned model or adapter, against the files beside it and the base it names. */
final class ModelCard {
  static final String FILE = CheckpointCard.FILE;

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> WEIGHTS = List.of(".safetensors", ".bin", ".gguf", ".pt");

  private final RunDirectory place;
  private final String directory;
  private final @Nullable ObjectNode card;

  private ModelCard(RunDirectory place, String directory, @Nullable ObjectNode card) {
    this.place = place;
    this.directory = directory;
    this.card = card;
  }

  /**
   * @param directory below the place; {@code .} for itself
   */
  static ModelCard read(RunDirectory place, String directory) {
    try {
      return new ModelCard(
          place,
          directory,
          JSON.readTree(place.text(directory + "/" + FILE).orElse("")) instanceof ObjectNode object
              ? object
              : null);
    } catch (JsonProcessingException e) {
      return new ModelCard(place, directory, null);
    }
  }

  /** What the base is called; of earlier cards, where it lay. Empty where that is not told. */
  String base() {
    return card == null ? "" : card.path(CheckpointCard.BASE).asText("");
  }

  /** Where the base lies, as whoever tuned gave it, where the training still tells. */
  private String basePlace() {
    Path here = Path.of(place.path(directory).replaceFirst("^file:/*", "/"));
    return BasePlace.sourceOf(here).orElse(base());
  }

  /** Whether it holds checksums: cards before 0.7.0 have none. */
  boolean isSealed() {
    return card == null || card.has(CheckpointCard.DIGEST);
  }

  /** How many files it names. */
  int files() {
    return card == null ? 0 : card.path(CheckpointCard.FILES).size();
  }

  /**
   * @param base to compare with in place of the one that it names, or null for that one
   */
  void verify(Findings findings, Consumer<String> notes, @Nullable Path base) {
    if (card == null) {
      findings.add(FILE, "is no JSON object: it was damaged");
      return;
    }
    if (!isSealed()) {
      if (place.listSized(directory).stream().noneMatch(file -> isWeights(file.name()))) {
        findings.add(FILE, "no weights lie beside it: they were removed, or never copied here");
      }
      notes.accept(
          place.path(directory) + "/" + FILE + " has no checksums: an earlier Cria wrote it");
      return;
    }
    if (!CheckpointCard.digest(card).equals(card.path(CheckpointCard.DIGEST).asText())) {
      findings.add(FILE, "was edited: its digest is not that of what it says");
    }
    Set<String> known = new HashSet<>();
    for (JsonNode file : card.path(CheckpointCard.FILES)) {
      known.add(file.path("name").asText());
      file(file, findings);
    }
    for (RunDirectory.Sized file : place.listSized(directory)) {
      if (!known.contains(file.name()) && isWeights(file.name())) {
        findings.add(file.name(), "are weights that the card does not name");
      }
    }
    base(findings, notes, base);
  }

  private static boolean isWeights(String name) {
    return WEIGHTS.stream().anyMatch(name::endsWith);
  }

  private void file(JsonNode file, Findings findings) {
    String name = file.path("name").asText();
    String path = directory + "/" + name;
    if (!place.exists(path)) {
      findings.add(name, "is missing");
      return;
    }
    String found = place.sha256(path);
    if (!found.equals(file.path("sha256").asText())) {
      findings.add(
          name,
          "its bytes are not those that the card tells (SHA-256 "
              + Manifests.head(found)
              + ", not "
              + Manifests.head(file.path("sha256").asText())
              + ")");
    }
  }

  private void base(Findings findings, Consumer<String> notes, @Nullable Path given) {
    String told = card == null ? "" : card.path(CheckpointCard.BASE_FINGERPRINT).asText("");
    Path base = given == null ? Path.of(basePlace().replaceFirst("^file:/*", "/")) : given;
    if (told.isEmpty() || base.toString().isEmpty() || !Files.exists(base)) {
      notes.accept(
          "the base model is not at "
              + (base.toString().isEmpty() ? "hand" : base)
              + " and was not compared: name it with --base");
      return;
    }
    try {
      if (!ModelFingerprint.of(base).equals(told)) {
        findings.add(FILE, "it was tuned from another base than lies at " + base);
      }
    } catch (CriaException e) {
      notes.accept(String.valueOf(e.getMessage()));
    }
  }
}
