package io.cria.shard;

import io.cria.dataset.AlpacaFile;
import io.cria.task.Example;
import java.nio.file.Path;
import java.util.function.Consumer;

/** A dataset in a file of Alpaca's format, read anew each time it is gone through. */
public final class AlpacaExamples implements DatasetShards.Examples {
  private final Path file;

  private AlpacaExamples(Path file) {
    this.file = file;
  }

  /**
   * @param path the file, or a dataset's directory
   * @throws io.cria.task.CriaException (bad input) when there is none
   */
  public static AlpacaExamples in(Path path) {
    return new AlpacaExamples(AlpacaFile.find(path));
  }

  @Override
  public void forEach(Consumer<Example> each) {
    AlpacaFile.read(file, each);
  }
}
