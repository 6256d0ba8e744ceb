package io.cria.shard;

import io.cria.dataset.TrainingFile;
import io.cria.task.TrainingExample;
import java.nio.file.Path;
import java.util.function.Consumer;

/** A dataset in a file, read anew each time it is gone through. */
public final class FileExamples implements DatasetShards.Examples {
  private final Path file;

  private FileExamples(Path file) {
    this.file = file;
  }

  /**
   * @param path the file, or a dataset's directory
   * @throws io.cria.task.CriaException (bad input) when there is none
   */
  public static FileExamples in(Path path) {
    return new FileExamples(TrainingFile.find(path));
  }

  @Override
  public void forEach(Consumer<TrainingExample> each) {
    TrainingFile.read(file, each);
  }
}
