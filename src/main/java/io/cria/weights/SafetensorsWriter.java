package io.cria.weights;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Writes safetensors files, byte for byte as the format's own writer lays them out: wider types
 * first, then by name, the header padded with spaces to 8 bytes.
 */
public final class SafetensorsWriter {
  /** What loaders of PyTorch models look for. */
  public static final Map<String, String> PYTORCH = Map.of("format", "pt");

  private static final ObjectMapper JSON = new ObjectMapper();

  private static final Comparator<TensorContent> LAYOUT =
      Comparator.comparing(TensorContent::type).reversed().thenComparing(TensorContent::name);

  private SafetensorsWriter() {}

  /** Writes the tensors with the metadata {@link #PYTORCH}. */
  public static void write(Path path, Collection<TensorContent> tensors) {
    write(path, tensors, PYTORCH);
  }

  /**
   * Writes the tensors beside {@code path} and moves the finished, synced file there: a full disk
   * or a crash leaves what was there before.
   *
   * @throws io.cria.task.CriaException naming the file when it cannot be written
   * @throws IllegalArgumentException when two tensors share a name, a type is not one of the
   *     format's, or a tensor's bytes are not as many as its shape says
   */
  public static void write(
      Path path, Collection<TensorContent> tensors, Map<String, String> metadata) {
    List<TensorContent> ordered = tensors.stream().sorted(LAYOUT).toList();
    byte[] header = header(ordered, metadata);
    AtomicFile.write(
        path,
        8 + header.length + ordered.stream().mapToLong(TensorContent::byteLength).sum(),
        out -> {
          out.put(
              ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, header.length),
              ByteBuffer.wrap(header));
          for (TensorContent tensor : ordered) {
            out.put(tensor);
          }
        });
  }

  private static byte[] header(List<TensorContent> tensors, Map<String, String> metadata) {
    ObjectNode root = JSON.createObjectNode();
    if (!metadata.isEmpty()) {
      ObjectNode node = root.putObject("__metadata__");
      metadata.entrySet().stream()
          .sorted(Map.Entry.comparingByKey())
          .forEach(entry -> node.put(entry.getKey(), entry.getValue()));
    }
    Set<String> names = new HashSet<>();
    long at = 0;
    for (TensorContent tensor : tensors) {
      if (!names.add(tensor.name()) || !tensor.type().isInSafetensors()) {
        throw new IllegalArgumentException(
            "tensor "
                + tensor.name()
                + " ("
                + tensor.type()
                + ") is named twice or has no place in safetensors");
      }
      ObjectNode node = root.putObject(tensor.name());
      node.put("dtype", tensor.type().name());
      for (long dimension : tensor.shape()) {
        node.withArray("shape").add(dimension);
      }
      if (tensor.shape().length == 0) {
        node.putArray("shape");
      }
      long end = Math.addExact(at, tensor.byteLength());
      node.putArray("data_offsets").add(at).add(end);
      at = end;
    }
    try {
      String text = JSON.writeValueAsString(root);
      int bytes = text.getBytes(StandardCharsets.UTF_8).length;
      return (text + " ".repeat((8 - bytes % 8) % 8)).getBytes(StandardCharsets.UTF_8);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of strings and numbers is always JSON", e);
    }
  }
}
