package io.cria.storage;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Random;

/**
 * Writes a file that S3 takes in several pieces, moves it over another one and compares: such files
 * are copied in pieces too, by another client. For {@code scripts/test-storage}.
 */
final class LargeFile {
  private static final int MIB = 1 << 20;

  private LargeFile() {}

  /** The directory, and MiB. */
  public static void main(String[] args) throws IOException {
    RunDirectory run = RunDirectory.at(args[0], Hadoop.configuration());
    int pieces = Integer.parseInt(args[1]);
    Random random = new Random(1);
    byte[] piece = new byte[MIB];
    try (OutputStream out = run.create("new")) {
      for (int i = 0; i < pieces; i++) {
        random.nextBytes(piece);
        out.write(piece);
      }
    }
    run.replace("old", "old");
    String written = run.sha256("new");
    run.rename("new", "old");
    if (run.exists("new") || !run.sha256("old").equals(written)) {
      System.out.println("the file that was moved is another one");
      System.exit(1);
    }
    System.out.println(pieces + " MiB moved");
  }
}
