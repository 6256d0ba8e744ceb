package io.cria.dedup;

import io.cria.similarity.Contamination;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What files are to be held against which evaluation set.
 *
 * @param inputs files or directories, as of {@link DedupOptions}
 * @param column the instructions
 * @param inputColumn their inputs; null where there are none
 * @param outputColumn their outputs; null where they are not to be looked at
 * @param against files and folders of the set
 * @param rules what counts as near
 * @param output directory that does not exist yet, or holds this job's result
 */
public record NearOptions(
    List<String> inputs,
    String column,
    @Nullable String inputColumn,
    @Nullable String outputColumn,
    List<String> against,
    Contamination.Rules rules,
    String output) {
  public NearOptions {
    against = List.copyOf(against);
    inputs = DedupOptions.requireDifferent(inputs);
  }

  /** The columns that are read. */
  List<String> columns() {
    List<String> columns = new ArrayList<>();
    columns.add(column);
    for (String more : new String[] {inputColumn, outputColumn}) {
      if (more != null) {
        columns.add(more);
      }
    }
    return columns;
  }
}
