package io.cria.sft.model;

import io.cria.task.CriaException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a model is, wherever it lies: a hash of its configuration and weights. Of a file above 64
 * MiB its length and 1024 evenly spread pieces of 64 KiB count, its beginning and end among them:
 * no training and no conversion leaves those as they were.
 */
public final class ModelFingerprint {
  private static final int PIECE = 1 << 16;
  private static final int PIECES = 1024;

  private ModelFingerprint() {}

  /**
   * The fingerprint of a GGUF file, or of a directory's config.json and safetensors.
   *
   * @throws CriaException (bad input) naming what cannot be read
   */
  public static String of(Path model) {
    MessageDigest digest = digest();
    try {
      for (Path file : files(model)) {
        add(file, digest);
      }
    } catch (IOException e) {
      throw CriaException.badInput(
          "cannot read the model " + model + " (" + e.getMessage() + "): check its rights");
    }
    return HexFormat.of().formatHex(digest.digest(), 0, 16);
  }

  private static List<Path> files(Path model) throws IOException {
    if (!Files.isDirectory(model)) {
      return List.of(model);
    }
    try (Stream<Path> list = Files.list(model)) {
      return list.filter(Files::isRegularFile)
          .filter(ModelFingerprint::isOfTheModel)
          .sorted()
          .toList();
    }
  }

  private static boolean isOfTheModel(Path file) {
    String name = String.valueOf(file.getFileName());
    return name.equals(ModelConfigJson.FILE) || name.endsWith(".safetensors");
  }

  private static void add(Path file, MessageDigest digest) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      digest.update((file.getFileName() + " " + size + "\n").getBytes(StandardCharsets.UTF_8));
      boolean whole = size <= (long) PIECE * PIECES;
      long pieces = whole ? (size + PIECE - 1) / PIECE : PIECES;
      ByteBuffer piece = ByteBuffer.allocate(PIECE);
      for (long i = 0; i < pieces; i++) {
        long at = whole ? i * PIECE : (long) ((double) i / (PIECES - 1) * (size - PIECE));
        piece.clear();
        while (piece.hasRemaining() && channel.read(piece, at + piece.position()) >= 0) {
          // until the piece is full or the file ends
        }
        digest.update(piece.flip());
      }
    }
  }

  private static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
