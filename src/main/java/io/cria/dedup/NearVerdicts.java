package io.cria.dedup;

import io.cria.storage.RunDirectory;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;

/**
 * By which rule a record is near which item of an evaluation set, if it is. The decisions lie in
 * files that executors wrote, one a stretch of some thousand records; this says where.
 */
final class NearVerdicts extends Verdicts {
  private static final long serialVersionUID = 1L;

  private final int[] starts;
  private final @Nullable String[] names;
  private final int records;
  private final ArrayList<String> rules;
  private final String[] files;
  private final long[] rows;
  private final String directory;
  private final SerializableConfiguration hadoop;

  /**
   * @param inputs the stretches of each input in row order
   * @param rules names of the rules
   * @param places of the set's items
   * @param directory of the decisions
   */
  NearVerdicts(
      List<List<NearStretch>> inputs,
      List<String> rules,
      List<EvaluationItems.Place> places,
      String directory,
      SerializableConfiguration hadoop) {
    super(firsts(inputs));
    List<NearStretch> all = inputs.stream().flatMap(List::stream).toList();
    this.starts = new int[all.size()];
    this.names = all.stream().map(NearStretch::file).toArray(String[]::new);
    int count = 0;
    for (int i = 0; i < starts.length; i++) {
      starts[i] = count;
      count = Math.addExact(count, all.get(i).stretch().records());
    }
    this.records = count;
    this.rules = new ArrayList<>(rules);
    this.files = places.stream().map(EvaluationItems.Place::file).toArray(String[]::new);
    this.rows = places.stream().mapToLong(EvaluationItems.Place::row).toArray();
    this.directory = directory;
    this.hadoop = hadoop;
  }

  private static int[] firsts(List<List<NearStretch>> inputs) {
    int[] firsts = new int[inputs.size()];
    int count = 0;
    for (int i = 0; i < firsts.length; i++) {
      firsts[i] = count;
      for (NearStretch stretch : inputs.get(i)) {
        count = Math.addExact(count, stretch.stretch().records());
      }
    }
    return firsts;
  }

  @Override
  int size() {
    return records;
  }

  @Override
  Decided open() {
    return new Opened();
  }

  /** Holds the decisions of one stretch at a time: records are looked up in their order. */
  private final class Opened implements Decided {
    private int stretch = -1;
    private Map<Integer, NearStretch.Drop> drops = Map.of();

    private NearStretch.@Nullable Drop find(int record) {
      int at = Arrays.binarySearch(starts, record);
      at = at < 0 ? -at - 2 : at;
      while (at + 1 < starts.length && starts[at + 1] == record) { // before it lie empty ones
        at++;
      }
      if (at != stretch) {
        String name = names[at];
        drops = name == null ? Map.of() : read(name);
        stretch = at;
      }
      return drops.get(record - starts[at]);
    }

    private NearStretch.Drop drop(int record) {
      NearStretch.Drop drop = find(record);
      if (drop == null) {
        throw new IllegalStateException("record " + record + " was not dropped");
      }
      return drop;
    }

    private Map<Integer, NearStretch.Drop> read(String name) {
      Map<Integer, NearStretch.Drop> read = new HashMap<>();
      RunDirectory decisions = RunDirectory.at(directory, hadoop.value());
      try (DataInputStream in =
          new DataInputStream(new BufferedInputStream(decisions.open(name)))) {
        int count = in.readInt();
        for (int i = 0; i < count; i++) {
          int offset = in.readInt();
          read.put(
              offset, new NearStretch.Drop(offset, in.readInt(), in.readInt(), in.readDouble()));
        }
      } catch (IOException e) {
        throw new UncheckedIOException("decisions of this job cannot be read, " + name, e);
      }
      return read;
    }

    @Override
    public boolean kept(int record) {
      return find(record) == null;
    }

    @Override
    public String reason(int record) {
      return rules.get(drop(record).rule());
    }

    @Override
    public String neighbourInput(int record) {
      return files[drop(record).item()];
    }

    @Override
    public long neighbourRow(int record) {
      return rows[drop(record).item()];
    }

    @Override
    public double score(int record) {
      return drop(record).score();
    }
  }
}
