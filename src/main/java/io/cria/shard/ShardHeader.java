package io.cria.shard;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;

/**
 * What a shard says of itself, in JSON.
 *
 * @param tokenizerHash SHA-256 of the tokenizer.json
 * @param templateHash SHA-256 of the layout
 * @param vocabularySize ids are below it
 * @param contextLength tokens of a row at most
 * @param rows rows
 * @param segments segments of all rows
 * @param tokens tokens of all rows
 * @param learntTokens of them learnt
 */
record ShardHeader(
    String tokenizerHash,
    String templateHash,
    int vocabularySize,
    int contextLength,
    int rows,
    int segments,
    long tokens,
    long learntTokens) {
  private static final ObjectMapper JSON = new ObjectMapper();

  byte[] toJson() {
    ObjectNode node = JSON.createObjectNode();
    node.put("tokenizer", tokenizerHash);
    node.put("template", templateHash);
    node.put("vocabulary", vocabularySize);
    node.put("context", contextLength);
    node.put("rows", rows);
    node.put("segments", segments);
    node.put("tokens", tokens);
    node.put("learnt", learntTokens);
    return node.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** Reads what {@link #toJson} wrote. */
  static ShardHeader parse(byte[] json) throws JsonProcessingException {
    JsonNode node = JSON.readTree(new String(json, StandardCharsets.UTF_8));
    return new ShardHeader(
        node.path("tokenizer").asText(),
        node.path("template").asText(),
        node.path("vocabulary").asInt(),
        node.path("context").asInt(),
        node.path("rows").asInt(-1),
        node.path("segments").asInt(-1),
        node.path("tokens").asLong(-1),
        node.path("learnt").asLong(-1));
  }

  /** Whether a size is missing or impossible. */
  boolean isNegative() {
    return rows < 0 || segments < 0 || tokens < 0;
  }

  /** Bytes of the data that follow the header: row ends, segment ends, ids, marks. */
  long dataBytes() {
    return 8L * rows + 4L * rows + 4L * segments + 4L * tokens + tokens;
  }
}
