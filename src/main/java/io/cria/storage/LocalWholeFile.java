package io.cria.storage;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Written beside its place, in a folder that exists, and moved there. */
final class LocalWholeFile extends WholeFile {
  private final Path target;
  private final Path unfinished;
  private final OutputStream stream;

  LocalWholeFile(Path target) throws IOException {
    this.target = target;
    this.unfinished =
        target.resolveSibling(
            "." + target.getFileName() + "." + ProcessHandle.current().pid() + ".tmp");
    this.stream = Files.newOutputStream(unfinished);
  }

  @Override
  public OutputStream stream() {
    return stream;
  }

  @Override
  public void commit() throws IOException {
    stream.close();
    Files.move(
        unfinished, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  @Override
  public void close() throws IOException {
    stream.close();
    Files.deleteIfExists(unfinished);
  }
}
