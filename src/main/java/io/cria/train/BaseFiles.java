package io.cria.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.weights.WeightsDirectory;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;

/**
 * A base model wherever Hadoop reaches: a directory, or a GGUF file. Of a directory the files that
 * a training reads, or hands on with its result, count: what else lies beside them does not make it
 * another model.
 */
final class BaseFiles {
  /** Besides the weights, as the engine knows a model's directory. */
  private static final Set<String> DESCRIPTION =
      Set.of(
          "config.json",
          "generation_config.json",
          "tokenizer.json",
          "tokenizer_config.json",
          "special_tokens_map.json",
          "added_tokens.json",
          "tokenizer.model",
          "vocab.json",
          "merges.txt",
          "chat_template.jinja");

  private static final String TEMPLATES = "additional_chat_templates";
  private static final String TOOL_USE = "tool_use.jinja";
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String GGUF = ".gguf";
  private static final String LOCAL = "file:";
  private static final int PIECE = 1 << 16;

  private final RunDirectory directory;
  private final String file;
  private final String named;

  private BaseFiles(RunDirectory directory, String file, String named) {
    this.directory = directory;
    this.file = file;
    this.named = named;
  }

  /**
   * @param base a path or URI
   * @param named how the user called it, for messages
   */
  static BaseFiles at(String base, String named, Configuration hadoop) {
    if (!base.endsWith(GGUF)) {
      return new BaseFiles(RunDirectory.at(base, hadoop), "", named);
    }
    int slash = base.lastIndexOf('/');
    String parent = slash < 0 ? "." : base.substring(0, Math.max(1, slash));
    return new BaseFiles(RunDirectory.at(parent, hadoop), base.substring(slash + 1), named);
  }

  boolean isGguf() {
    return !file.isEmpty();
  }

  /** Whether it lies on the disk of whoever looks. */
  boolean isLocal() {
    return directory.root().startsWith(LOCAL);
  }

  /** Where it lies on the disk. */
  Path local() {
    Path root = Path.of(new org.apache.hadoop.fs.Path(directory.root()).toUri().getPath());
    return isGguf() ? root.resolve(file) : root;
  }

  /**
   * Its files by name.
   *
   * @throws CriaException (bad input) when there is none
   */
  List<RunDirectory.Sized> files() {
    List<RunDirectory.Sized> files = new ArrayList<>();
    List<RunDirectory.Sized> all = directory.listSized(".");
    Set<String> weights = isGguf() ? Set.of(file) : weights(all);
    for (RunDirectory.Sized sized : all) {
      if (weights.contains(sized.name()) || (!isGguf() && DESCRIPTION.contains(sized.name()))) {
        files.add(sized);
      }
    }
    if (!isGguf()) {
      directory.listSized(TEMPLATES).stream()
          .filter(sized -> sized.name().equals(TOOL_USE))
          .map(sized -> new RunDirectory.Sized(TEMPLATES + "/" + TOOL_USE, sized.bytes()))
          .forEach(files::add);
    }
    if (files.isEmpty()) {
      throw CriaException.badInput(
          named
              + ": there is no base model here: give a directory with config.json, safetensors and"
              + " tokenizer.json, or a GGUF file"
              + (isLocal() ? ", on every host or on a store that all see" : ""));
    }
    return files;
  }

  /** The files that the engine takes the weights from: {@link WeightsDirectory}. */
  private Set<String> weights(List<RunDirectory.Sized> all) {
    Set<String> names = all.stream().map(RunDirectory.Sized::name).collect(Collectors.toSet());
    if (names.contains(WeightsDirectory.SINGLE) || !names.contains(WeightsDirectory.INDEX)) {
      return Set.of(WeightsDirectory.SINGLE);
    }
    Set<String> weights = new HashSet<>(Set.of(WeightsDirectory.INDEX));
    try (InputStream in = directory.open(WeightsDirectory.INDEX)) {
      JSON.readTree(in).path("weight_map").forEach(shard -> weights.add(shard.asText()));
    } catch (JsonProcessingException e) {
      throw CriaException.badInput(
          directory.path(WeightsDirectory.INDEX)
              + ": is no JSON ("
              + e.getOriginalMessage()
              + "): take it again from the model");
    } catch (IOException e) {
      throw unreadable(WeightsDirectory.INDEX, e);
    }
    return weights;
  }

  long bytes() {
    return files().stream().mapToLong(RunDirectory.Sized::bytes).sum();
  }

  /**
   * What tells the model from others without reading it whole: names, sizes, and a piece of the
   * beginning, the middle and the end of each file.
   */
  String print() {
    MessageDigest digest = Published.sha256();
    for (RunDirectory.Sized sized : files()) {
      digest.update((sized.name() + " " + sized.bytes() + "\n").getBytes(StandardCharsets.UTF_8));
      try (FSDataInputStream in = directory.open(sized.name())) {
        for (long at : new long[] {0, sized.bytes() / 2, Math.max(0, sized.bytes() - PIECE)}) {
          in.seek(at);
          digest.update(in.readNBytes(PIECE));
        }
      } catch (IOException e) {
        throw unreadable(sized.name(), e);
      }
    }
    return HexFormat.of().formatHex(digest.digest(), 0, 16);
  }

  /**
   * Fetches it.
   *
   * @param into a directory of the local disk
   * @param alive asked all the time: throws when this is no longer wanted
   * @return what stands for its bytes
   */
  String fetch(Path into, Runnable alive) {
    Map<String, String> hashes = new TreeMap<>();
    for (RunDirectory.Sized sized : files()) {
      hashes.put(sized.name(), fetch(sized.name(), into, alive));
    }
    MessageDigest digest = Published.sha256();
    hashes.forEach(
        (name, hash) -> digest.update((name + " " + hash + "\n").getBytes(StandardCharsets.UTF_8)));
    return HexFormat.of().formatHex(digest.digest());
  }

  /** Fetches what tells the model's shape and tokenizer: its small files. */
  void fetchDescription(Path into) {
    for (RunDirectory.Sized sized : files()) {
      if (!sized.name().endsWith(".safetensors")) {
        fetch(sized.name(), into, () -> {});
      }
    }
  }

  private String fetch(String name, Path into, Runnable alive) {
    Path place = into.resolve(name);
    try {
      Files.createDirectories(Objects.requireNonNull(place.getParent(), "it is below one"));
      return Published.copy(directory.open(name), place, alive);
    } catch (IOException e) {
      throw unreadable(name, e);
    }
  }

  /** Where a fetched one is opened. */
  Path fetchedIn(Path directoryOfIt) {
    return isGguf() ? directoryOfIt.resolve(file) : directoryOfIt;
  }

  private CriaException unreadable(String name, IOException e) {
    return new CriaException(
        ExitCode.FAULT,
        directory.path(name)
            + ": the base model cannot be fetched ("
            + e.getMessage()
            + "): look at the store, and at the room on the local disk",
        e);
  }
}
