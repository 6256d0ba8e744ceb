package io.cria.train;

import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;

/**
 * A base model wherever Hadoop reaches: a directory, or a GGUF file. Of a directory the files that
 * a training reads count: no other formats of the weights, nothing below it.
 */
final class BaseFiles {
  /** Other formats that stores keep beside safetensors. */
  private static final Set<String> OTHERS =
      Set.of("bin", "pt", "pth", "gguf", "onnx", "msgpack", "h5", "ot");

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
    List<RunDirectory.Sized> files =
        directory.listSized(".").stream()
            .filter(sized -> isGguf() ? sized.name().equals(file) : counts(sized.name()))
            .toList();
    if (files.isEmpty()) {
      throw CriaException.badInput(
          named
              + ": there is no base model here: give a directory with config.json, safetensors and"
              + " tokenizer.json, or a GGUF file"
              + (isLocal() ? ", on every host or on a store that all see" : ""));
    }
    return files;
  }

  private static boolean counts(String name) {
    return !name.startsWith(".")
        && !OTHERS.contains(name.substring(name.lastIndexOf('.') + 1))
        && !name.startsWith("_");
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
      for (long at : new long[] {0, sized.bytes() / 2, Math.max(0, sized.bytes() - PIECE)}) {
        try (InputStream in = directory.open(sized.name())) {
          in.skipNBytes(at);
          digest.update(in.readNBytes(PIECE));
        } catch (IOException e) {
          throw unreadable(sized.name(), e);
        }
      }
    }
    return HexFormat.of().formatHex(digest.digest(), 0, 16);
  }

  /**
   * Fetches it.
   *
   * @param into a directory of the local disk
   * @param alive asked between files: throws when this is no longer wanted
   * @return what stands for its bytes
   */
  String fetch(Path into, Runnable alive) {
    Map<String, String> hashes = new TreeMap<>();
    for (RunDirectory.Sized sized : files()) {
      alive.run();
      try {
        Files.createDirectories(into);
        hashes.put(
            sized.name(), Published.copy(directory.open(sized.name()), into.resolve(sized.name())));
      } catch (IOException e) {
        throw unreadable(sized.name(), e);
      }
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
        try {
          Files.createDirectories(into);
          Published.copy(directory.open(sized.name()), into.resolve(sized.name()));
        } catch (IOException e) {
          throw unreadable(sized.name(), e);
        }
      }
    }
  }

  /** Where a fetched one is opened. */
  Path fetchedIn(Path directoryOfIt) {
    return isGguf() ? directoryOfIt.resolve(file) : directoryOfIt;
  }

  private CriaException unreadable(String name, IOException e) {
    return new CriaException(
        io.cria.task.ExitCode.FAULT,
        directory.path(name)
            + ": the base model cannot be fetched ("
            + e.getMessage()
            + "): look at the store, and at the room on the local disk",
        e);
  }
}
