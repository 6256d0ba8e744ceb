package io.cria.dedup;

import io.cria.similarity.Contamination;
import io.cria.storage.RunDirectory;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;

/**
 * What is told of records that were judged where they were read: counts, and where it stands which
 * of them are near.
 *
 * @param byRule how many are dropped, by the first rule that finds them
 * @param file of {@link NearVerdicts}, below the directory of decisions; null where all are kept
 */
record NearStretch(Stretch stretch, List<Long> byRule, @Nullable String file)
    implements Stretch.Told {
  long dropped() {
    return byRule.stream().mapToLong(Long::longValue).sum();
  }

  /**
   * One dropped record.
   *
   * @param offset from the stretch's first
   * @param rule number of the first rule that finds it
   * @param item of the set
   */
  record Drop(int offset, int rule, int item, double score) {}

  /** Judges a chunk on its executor. What becomes of a record depends on it alone. */
  static final class Judge implements Stretch.Work<NearStretch> {
    private static final long serialVersionUID = 1L;

    /** Texts judged together. */
    private static final int BLOCK = 256;

    private final Broadcast<NearExamples.Reference> reference;
    private final ArrayList<String> rules;
    private final int input;
    private final int output;
    private final String directory;
    private final SerializableConfiguration hadoop;

    /**
     * @param options which columns there are
     * @param directory of the decisions
     */
    Judge(
        Broadcast<NearExamples.Reference> reference,
        NearOptions options,
        String directory,
        SerializableConfiguration hadoop) {
      this.reference = reference;
      this.rules = new ArrayList<>(options.rules().names());
      this.input = options.columns().indexOf(options.inputColumn());
      this.output = options.columns().lastIndexOf(options.outputColumn());
      this.directory = directory;
      this.hadoop = hadoop;
    }

    @Override
    public NearStretch of(Chunk chunk) {
      List<Drop> drops = new ArrayList<>();
      int size = chunk.texts().size();
      for (int from = 0; from < size; from += BLOCK) {
        judge(chunk, from, Math.min(size, from + BLOCK), drops);
      }
      long[] byRule = new long[rules.size()];
      drops.forEach(drop -> byRule[drop.rule()]++);
      List<Long> counts = new ArrayList<>();
      for (long count : byRule) {
        counts.add(count);
      }
      return new NearStretch(chunk.stretch(), counts, drops.isEmpty() ? null : written(drops));
    }

    private void judge(Chunk chunk, int from, int to, List<Drop> drops) {
      List<Contamination.Text> texts = new ArrayList<>();
      for (int i = from; i < to; i++) {
        texts.add(
            new Contamination.Text(
                chunk.texts().get(i), text(chunk, input, i), text(chunk, output, i)));
      }
      List<List<Contamination.Near>> judged = reference.value().index().judge(texts);
      for (int i = 0; i < judged.size(); i++) {
        if (!judged.get(i).isEmpty()) {
          Contamination.Near first = judged.get(i).get(0);
          drops.add(new Drop(from + i, rules.indexOf(first.rule()), first.item(), first.score()));
        }
      }
    }

    private static String text(Chunk chunk, int column, int record) {
      return column < 0 ? "" : chunk.columns().get(column).get(record);
    }

    /** Attempts of one task do not meet: only the names of those that count are told. */
    private String written(List<Drop> drops) {
      String name = UUID.randomUUID().toString();
      RunDirectory files = RunDirectory.at(directory, hadoop.value());
      try (DataOutputStream out =
          new DataOutputStream(new BufferedOutputStream(files.create(name)))) {
        out.writeInt(drops.size());
        for (Drop drop : drops) {
          out.writeInt(drop.offset());
          out.writeInt(drop.rule());
          out.writeInt(drop.item());
          out.writeDouble(drop.score());
        }
      } catch (IOException e) {
        throw Writing.unwritable(directory, e);
      }
      return name;
    }
  }
}
