package io.cria.shard;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.task.CriaException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What {@value ShardWriter#MANIFEST} says of one side of a dataset's shards.
 *
 * @param files names in order, at least one
 * @param counts what became of the examples
 */
record ShardManifest(List<String> files, ShardCounts counts) {
  private static final ObjectMapper JSON = new ObjectMapper();

  ShardManifest {
    files = List.copyOf(files);
  }

  /**
   * Reads a manifest.
   *
   * @param where names the file in errors
   * @throws CriaException (bad input) when it is damaged, or names files outside its directory
   */
  static ShardManifest parse(String text, String where) {
    JsonNode root;
    try {
      root = JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw unreadable(where);
    }
    List<String> names = new ArrayList<>();
    for (JsonNode name : root.path("files")) {
      if (name.asText().contains("/") || name.asText().contains("\\")) {
        throw CriaException.badInput(
            where + " names '" + name.asText() + "' outside its directory: write the shards again");
      }
      names.add(name.asText());
    }
    if (names.isEmpty()) {
      throw CriaException.badInput(where + " lists no shards: write them again");
    }
    return new ShardManifest(names, counts(root.path("counts")));
  }

  /** Reads the manifest of one side. */
  static ShardManifest read(ShardPlace side) {
    String where = side.describe(ShardWriter.MANIFEST);
    try (InputStream in = side.open(ShardWriter.MANIFEST)) {
      return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8), where);
    } catch (IOException e) {
      throw unreadable(where);
    }
  }

  static CriaException unreadable(String where) {
    return CriaException.badInput("cannot read " + where + " as JSON: write the shards again");
  }

  /**
   * In manifests of 0.4.0 and before an example is one sequence, and there are no other reasons.
   */
  private static ShardCounts counts(JsonNode counts) {
    Map<String, Long> refused = new TreeMap<>();
    counts
        .path("refused")
        .properties()
        .forEach(reason -> refused.put(reason.getKey(), reason.getValue().asLong()));
    Map<String, String> first = new TreeMap<>();
    counts
        .path("firstRefusals")
        .properties()
        .forEach(reason -> first.put(reason.getKey(), reason.getValue().asText()));
    long written = counts.path("written").asLong();
    return new ShardCounts(
        counts.path("examples").asLong(),
        written,
        counts.path("partly").asLong(),
        counts.path("cut").asLong(),
        counts.path("dropped").asLong(),
        counts.path("withoutLabels").asLong(),
        refused,
        counts.path("sequences").asLong(written),
        counts.path("rows").asLong(),
        counts.path("tokens").asLong(),
        counts.path("learntTokens").asLong(),
        first);
  }
}
