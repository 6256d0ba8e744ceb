package io.cria.sft;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.Ids;
import io.cria.task.Terms;
import io.cria.tokenizer.TemplateSource;
import io.cria.weights.AtomicFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Where a tuned model comes from, beside its files: the layout it was taught, by which it is to be
 * asked, and the data and settings it was made with.
 */
public final class CheckpointCard {
  public static final String FILE = "cria.json";

  /** Member of the card: the files beside it, each with name, bytes and sha256. */
  public static final String FILES = "files";

  private static final String TEMPLATE = "template";
  private static final String NAME = "name";

  /** Member of the card: what the base is called. */
  public static final String BASE = "base";

  /** Member of the card, where there are some: names of the datasets. */
  static final String DATASETS = "datasets";

  /** Member of the card: {@link io.cria.sft.model.ModelFingerprint} of the base. */
  public static final String BASE_FINGERPRINT = "base_fingerprint";

  /** Member of the card: {@link Terms#told}. */
  static final String TERMS = "terms";

  /** Member of the card, the last: {@link #digest} of all others. */
  public static final String DIGEST = "digest";

  private static final ObjectMapper JSON = new ObjectMapper();

  private CheckpointCard() {}

  /** The start of a card. */
  static ObjectNode of(TemplateSource template) {
    ObjectNode card = JSON.createObjectNode().put("format", 1);
    card.putObject(TEMPLATE).put(NAME, name(template.name())).put("text", template.text());
    return card;
  }

  /** Without the folders of this machine: the text stands beside it. */
  private static String name(String template) {
    return template.replaceFirst("(?s).*[/\\\\:]", "");
  }

  static JsonNode tree(Object record) {
    return JSON.valueToTree(record);
  }

  static void write(Path directory, ObjectNode card) {
    try {
      AtomicFile.write(
          directory.resolve(FILE),
          JSON.writerWithDefaultPrettyPrinter().writeValueAsString(card) + "\n");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of plain values is always JSON", e);
    }
  }

  /**
   * Puts the checksums of what lies in a directory into its card; nothing where there is no card.
   * What is written there afterwards is not what was made, but for {@link ModelReadme}.
   */
  public static void seal(Path directory) {
    Path file = directory.resolve(FILE);
    if (!Files.exists(file)) {
      return;
    }
    try (Stream<Path> beside = Files.list(directory)) {
      ObjectNode card = (ObjectNode) JSON.readTree(Files.readString(file));
      ArrayNode files = card.putArray(FILES);
      for (Path one : beside.filter(Files::isRegularFile).sorted().toList()) {
        String name = one.getFileName().toString();
        if (!name.equals(FILE) && !name.equals(ModelReadme.FILE) && !name.startsWith(".")) {
          files
              .addObject()
              .put("name", name)
              .put("bytes", Files.size(one))
              .put("sha256", sha256(one));
        }
      }
      card.remove(DIGEST);
      write(directory, card.put(DIGEST, digest(card)));
    } catch (IOException e) {
      throw new CriaException(
          ExitCode.FAULT,
          "cannot read " + directory + " (" + e.getMessage() + "): check the disk",
          e);
    }
  }

  /** SHA-256 of what a card says, without its member {@link #DIGEST}. */
  public static String digest(ObjectNode card) {
    try {
      return Ids.sha256(JSON.writeValueAsString(card.deepCopy().without(DIGEST)));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree is always JSON", e);
    }
  }

  private static String sha256(Path file) throws IOException {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
    try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
      in.transferTo(OutputStream.nullOutputStream());
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /**
   * Copies the card of one directory to another, where there is one. An earlier card told places on
   * a disk, of which the copy has the names.
   */
  public static void copy(Path from, Path to) {
    Path file = from.resolve(FILE);
    if (!Files.exists(file)) {
      return;
    }
    try {
      if (!(JSON.readTree(Files.readString(file)) instanceof ObjectNode card)) {
        throw CriaException.badInput(file + " is no JSON object: take it again");
      }
      if (card.path(BASE).isTextual()) {
        card.put(BASE, named(card.path(BASE).asText()));
      }
      if (card.path(TEMPLATE) instanceof ObjectNode template) {
        template.put(NAME, name(template.path(NAME).asText()));
      }
      write(to, card);
    } catch (IOException e) {
      throw CriaException.badInput("cannot read " + file + " as JSON: take it again");
    }
  }

  /**
   * The layout that the model in the directory was taught; empty for a model not tuned here.
   *
   * @throws CriaException when the card cannot be read
   */
  public static Optional<TemplateSource> template(Path directory) {
    Path file = directory.resolve(FILE);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      JsonNode template = JSON.readTree(Files.readString(file)).path(TEMPLATE);
      return template.path(NAME).isTextual()
          ? Optional.of(
              new TemplateSource(template.path(NAME).asText(), template.path("text").asText()))
          : Optional.empty();
    } catch (IOException e) {
      throw CriaException.badInput(
          "cannot read " + file + " as JSON: remove it, and name the layout");
    }
  }

  /**
   * What the base of the model in the directory is called; empty for a model not tuned here.
   *
   * @throws CriaException when the card cannot be read
   */
  public static Optional<String> base(Path directory) {
    Path file = directory.resolve(FILE);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      // an earlier card told the place
      String told = JSON.readTree(Files.readString(file)).path(BASE).asText();
      return told.isEmpty() ? Optional.empty() : Optional.of(named(told));
    } catch (IOException e) {
      throw CriaException.badInput("cannot read " + file + " as JSON: take it again");
    }
  }

  private static String named(String told) {
    boolean isPlace = told.startsWith("/") || told.contains(":") || told.contains("\\");
    return isPlace ? BaseName.of(null, told) : told;
  }

  /**
   * The terms under which the model in the directory is handed on; none for a model not tuned here.
   *
   * @throws CriaException when the card cannot be read
   */
  public static Terms terms(Path directory) {
    Path file = directory.resolve(FILE);
    if (!Files.exists(file)) {
      return Terms.NONE;
    }
    try {
      JsonNode told = JSON.readTree(Files.readString(file)).path(TERMS);
      Map<String, String> terms = new TreeMap<>();
      told.properties().forEach(each -> terms.put(each.getKey(), each.getValue().asText()));
      return Terms.ofTold(terms);
    } catch (IOException | IllegalArgumentException e) {
      throw CriaException.badInput(
          "cannot read the terms in " + file + " (" + e.getMessage() + "): repair the card");
    }
  }
}
