package io.cria.select;

import io.cria.run.Rows;
import io.cria.run.Schemas;
import io.cria.similarity.NearestTexts;
import io.cria.text.Tokenizer;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Iterator;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/**
 * For each machine instruction the most alike seed and the most alike other machine instruction,
 * exactly ({@link NearestTexts}). The texts travel once to each executor, which builds an index
 * over them; its tasks search for parts of the texts.
 */
public final class NearestNeighbours {
  /** Fewer texts than this are not worth a task. */
  private static final int TEXTS_PER_TASK = 512;

  private static final int TASKS_PER_CORE = 4;

  private NearestNeighbours() {}

  /**
   * Rows of {@link Schemas#NEIGHBOURS}, lazily.
   *
   * @param tokenizer of the similarity rule
   * @param seeds rows of {@code id, instruction}, in file order
   * @param machine rows of {@code id, round, row, item, instruction}, in order of acceptance
   */
  public static Dataset<Row> of(
      SparkSession spark, String tokenizer, Iterator<Row> seeds, Iterator<Row> machine) {
    Pool texts = new Pool(tokenizer, seeds, machine);
    Broadcast<Pool> pool = JavaSparkContext.fromSparkContext(spark.sparkContext()).broadcast(texts);
    int size = texts.machine.texts.size();
    int cores = spark.sparkContext().defaultParallelism();
    int tasks = Math.max(1, Math.min(TASKS_PER_CORE * cores, size / TEXTS_PER_TASK));
    return spark
        .range(0, size, 1, tasks)
        .mapPartitions(new FindNearest(pool), Encoders.row(Schemas.NEIGHBOURS));
  }

  /** Ids and texts, and in each Java virtual machine the indexes over them. */
  private static final class Pool implements Serializable {
    private static final long serialVersionUID = 1L;

    private final String tokenizer;
    private final Named seeds;
    private final Named machine;

    /** Round, row and item of each machine text, one after another. */
    private final int[] places;

    Pool(String tokenizer, Iterator<Row> seeds, Iterator<Row> machine) {
      this.tokenizer = tokenizer;
      this.seeds = Named.of(seeds, row -> {});
      IntStream.Builder numbers = IntStream.builder();
      this.machine =
          Named.of(
              machine,
              row -> {
                numbers.add(row.<Integer>getAs("round"));
                numbers.add(row.<Integer>getAs("row"));
                numbers.add(row.<Integer>getAs("item"));
              });
      this.places = numbers.build().toArray();
    }
  }

  /** Texts with their ids. */
  private static final class Named implements Serializable {
    private static final long serialVersionUID = 1L;

    private final Texts ids;
    private final Texts texts;
    private transient @Nullable NearestTexts index;

    private Named(Texts ids, Texts texts) {
      this.ids = ids;
      this.texts = texts;
    }

    /** Takes the rows one by one, so that they are not in memory beside their texts. */
    static Named of(Iterator<Row> rows, Consumer<Row> each) {
      Texts.Builder ids = new Texts.Builder();
      Texts.Builder texts = new Texts.Builder();
      while (rows.hasNext()) {
        Row row = rows.next();
        ids.add(row.getAs("id"));
        texts.add(row.getAs("instruction"));
        each.accept(row);
      }
      return new Named(ids.build(), texts.build());
    }

    /** Built by the first task that asks. */
    synchronized NearestTexts index(String tokenizer) {
      NearestTexts built = index;
      if (built == null) {
        built = new NearestTexts(Tokenizer.named(tokenizer), texts);
        index = built;
      }
      return built;
    }

    @Nullable String id(int position) {
      return position == NearestTexts.NONE ? null : ids.get(position);
    }
  }

  private static final class FindNearest implements MapPartitionsFunction<Long, Row> {
    private static final long serialVersionUID = 1L;

    private final Broadcast<Pool> pool;

    FindNearest(Broadcast<Pool> pool) {
      this.pool = pool;
    }

    @Override
    public Iterator<Row> call(Iterator<Long> positions) {
      return new Found(pool.value(), positions);
    }
  }

  private static final class Found implements Iterator<Row> {
    private final Pool pool;
    private final Iterator<Long> positions;
    private final NearestTexts.Search seeds;
    private final NearestTexts.Search machine;

    Found(Pool pool, Iterator<Long> positions) {
      this.pool = pool;
      this.positions = positions;
      this.seeds = pool.seeds.index(pool.tokenizer).search();
      this.machine = pool.machine.index(pool.tokenizer).search();
    }

    @Override
    public boolean hasNext() {
      return positions.hasNext();
    }

    @Override
    public Row next() {
      int position = Math.toIntExact(positions.next());
      String text = pool.machine.texts.get(position);
      seeds.find(text, NearestTexts.NONE);
      machine.find(text, position);
      int[] place = Arrays.copyOfRange(pool.places, 3 * position, 3 * position + 3);
      return Rows.row(
          Schemas.NEIGHBOURS,
          pool.machine.ids.get(position),
          place[0],
          place[1],
          place[2],
          pool.seeds.id(seeds.position()),
          seeds.score(),
          pool.machine.id(machine.position()),
          machine.score());
    }
  }
}
