package io.cria.weights;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.task.CriaException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A safetensors file, memory-mapped: 8 bytes of header length, a JSON header, then the tensors
 * without gap or overlap (github.com/huggingface/safetensors, README "Format").
 */
public final class Safetensors implements Weights {
  /** As the format's own reader: a larger header is taken for a foreign file. */
  private static final long MAX_HEADER_BYTES = 100_000_000;

  private static final ObjectMapper JSON =
      new ObjectMapper()
          .configure(JsonParser.Feature.STRICT_DUPLICATE_DETECTION, true)
          .configure(DeserializationFeature.FAIL_ON_TRAILING_TOKENS, true);

  private final Path path;
  private final Map<String, StoredTensor> tensors;
  private final Map<String, String> metadata;

  private Safetensors(Path path, Map<String, StoredTensor> tensors, Map<String, String> metadata) {
    this.path = path;
    this.tensors = tensors;
    this.metadata = metadata;
  }

  /**
   * Opens the file and checks its whole header against its size.
   *
   * @throws CriaException (bad input) when it is missing, truncated, foreign or inconsistent: names
   *     file and tensor
   */
  public static Safetensors open(Path path) {
    return read(MappedFile.open(path));
  }

  static Safetensors read(MappedFile file) {
    JsonNode header = header(file);
    long dataStart = file.size() - dataLength(file);
    Map<String, String> metadata = new LinkedHashMap<>();
    List<Entry> entries = new ArrayList<>();
    for (Map.Entry<String, JsonNode> field : header.properties()) {
      if (field.getKey().equals("__metadata__")) {
        field.getValue().properties().forEach(m -> metadata.put(m.getKey(), m.getValue().asText()));
      } else {
        entries.add(Entry.parse(file.path(), field.getKey(), field.getValue()));
      }
    }
    entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    requireGapless(file, entries, file.size() - dataStart);
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    for (Entry entry : entries) {
      tensors.put(
          entry.name,
          new StoredTensor(
              entry.name,
              entry.type,
              entry.shape,
              file.slices(
                  dataStart + entry.begin, entry.end - entry.begin, entry.type.blockBytes())));
    }
    return new Safetensors(
        file.path(), Collections.unmodifiableMap(tensors), Collections.unmodifiableMap(metadata));
  }

  @Override
  public Set<String> names() {
    return tensors.keySet();
  }

  @Override
  public StoredTensor tensor(String name) {
    StoredTensor tensor = tensors.get(name);
    if (tensor == null) {
      throw CriaException.badInput(
          path + " has no tensor " + name + ": is it the weights of this model?");
    }
    return tensor;
  }

  /** The free text pairs of the header, such as format = pt. */
  public Map<String, String> metadata() {
    return metadata;
  }

  private static long dataLength(MappedFile file) {
    return file.size() - 8 - file.cursor().int64();
  }

  private static JsonNode header(MappedFile file) {
    if (file.size() < 8) {
      throw refuse(
          file.path(), "is no safetensors file: it has " + file.size() + " bytes: fetch it again");
    }
    MappedFile.Cursor cursor = file.cursor();
    long length = cursor.int64();
    if (length < 2 || length > MAX_HEADER_BYTES) {
      throw refuse(
          file.path(),
          "is no safetensors file: it begins like " + kind(file) + ": give a .safetensors file");
    }
    if (length > cursor.remaining()) {
      throw refuse(
          file.path(),
          "is truncated: its header has "
              + length
              + " bytes, the file "
              + file.size()
              + ": fetch it again");
    }
    String text = new String(cursor.bytes((int) length), StandardCharsets.UTF_8);
    try {
      JsonNode header = JSON.readTree(text);
      if (header.isObject()) {
        return header;
      }
    } catch (JsonProcessingException e) {
      throw refuse(
          file.path(),
          "is no safetensors file: its header is no JSON ("
              + e.getOriginalMessage()
              + "): fetch it again");
    }
    throw refuse(
        file.path(), "is no safetensors file: its header is no JSON object: fetch it again");
  }

  private static String kind(MappedFile file) {
    byte[] head = file.cursor().bytes(4);
    String magic = new String(head, StandardCharsets.ISO_8859_1);
    if (magic.equals("GGUF")) {
      return "a GGUF file";
    }
    return magic.startsWith("PK") ? "a pickled PyTorch file" : "something else";
  }

  private static void requireGapless(MappedFile file, List<Entry> entries, long dataLength) {
    long at = 0;
    String before = "the header";
    for (Entry entry : entries) {
      if (entry.end > dataLength) {
        throw refuse(
            file.path(),
            "is truncated: tensor "
                + entry.name
                + " ends at byte "
                + entry.end
                + " of its data, which have "
                + dataLength
                + ": fetch it again");
      }
      if (entry.begin != at) {
        String what = entry.begin < at ? " overlaps " : " leaves a gap after ";
        throw refuse(
            file.path(),
            "is inconsistent: tensor " + entry.name + what + before + ": fetch it again");
      }
      at = entry.end;
      before = entry.name;
    }
    if (at != dataLength) {
      throw refuse(
          file.path(),
          "is inconsistent: "
              + (dataLength - at)
              + " bytes follow the last tensor, "
              + before
              + ": fetch it again");
    }
  }

  static CriaException refuse(Path path, String why) {
    return CriaException.badInput(path + " " + why);
  }

  /** What the header says of one tensor. */
  private static final class Entry {
    final String name;
    final TensorType type;
    final long[] shape;
    final long begin;
    final long end;

    private Entry(String name, TensorType type, long[] shape, long begin, long end) {
      this.name = name;
      this.type = type;
      this.shape = shape;
      this.begin = begin;
      this.end = end;
    }

    long begin() {
      return begin;
    }

    long end() {
      return end;
    }

    static Entry parse(Path path, String name, JsonNode node) {
      String typeName = node.path("dtype").asText();
      TensorType type =
          TensorType.ofSafetensors(typeName)
              .orElseThrow(
                  () ->
                      refuse(
                          path,
                          "has tensor "
                              + name
                              + " of type '"
                              + typeName
                              + "', which is not supported: convert it to F32 or BF16"));
      long[] shape = integers(path, name, node.path("shape"), "shape");
      long[] offsets = integers(path, name, node.path("data_offsets"), "data_offsets");
      if (offsets.length != 2 || offsets[0] > offsets[1]) {
        throw refuse(
            path, "is inconsistent: tensor " + name + " has no valid data_offsets: fetch it again");
      }
      long expected;
      try {
        expected = type.bytesOf(StoredTensor.elementsOf(shape));
      } catch (ArithmeticException e) {
        throw refuse(
            path, "is inconsistent: tensor " + name + " is impossibly large: fetch it again");
      }
      if (expected != offsets[1] - offsets[0]) {
        throw refuse(
            path,
            "is inconsistent: tensor "
                + name
                + " needs "
                + expected
                + " bytes by its shape and has "
                + (offsets[1] - offsets[0])
                + ": fetch it again");
      }
      return new Entry(name, type, shape, offsets[0], offsets[1]);
    }

    private static long[] integers(Path path, String name, JsonNode array, String key) {
      long[] values = new long[array.size()];
      boolean valid = array.isArray();
      for (int i = 0; valid && i < values.length; i++) {
        valid =
            array.get(i).isIntegralNumber()
                && array.get(i).canConvertToLong()
                && array.get(i).asLong() >= 0;
        values[i] = array.get(i).asLong();
      }
      if (!valid) {
        throw refuse(
            path, "is inconsistent: tensor " + name + " has no valid " + key + ": fetch it again");
      }
      return values;
    }
  }
}
