package io.cria.select;

import io.cria.similarity.EngineOptions;
import io.cria.similarity.KnownPairs;
import io.cria.similarity.PoolIndex;
import io.cria.similarity.Selection;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.broadcast.Broadcast;

/**
 * The whole pool in an index of each executor JVM. Texts travel once to each executor, as broadcast
 * increments; an executor appends the increments it has not seen, so that one which is new or was
 * lost builds its index from all of them. The cost of a probe follows the batch.
 */
final class ExecutorIndexes implements PoolProbe {
  /** Fewer texts are probed on the driver: the job would cost more than the work. */
  static final int DISTRIBUTED_FROM = 1_000;

  /** Smaller pieces than this are not worth a task. */
  private static final int TEXTS_PER_TASK = 256;

  /** More increments than this are joined, so that a new executor fetches few. */
  private static final int INCREMENTS = 16;

  private final JavaSparkContext spark;
  private final EngineSpec spec;
  private final int distributedFrom;
  private final String pool = UUID.randomUUID().toString();
  private final List<Increment> increments = new ArrayList<>();
  private int size;

  ExecutorIndexes(JavaSparkContext spark, EngineOptions options, int distributedFrom) {
    this.spark = spark;
    this.spec = EngineSpec.of(options);
    this.distributedFrom = distributedFrom;
  }

  /** Pool texts from position {@code first} on. */
  private record Increment(int first, int size, Broadcast<Texts> texts) implements Serializable {}

  @Override
  public void append(List<String> texts) {
    if (texts.isEmpty()) {
      return;
    }
    if (increments.size() >= INCREMENTS) {
      joinIncrements();
    }
    for (Texts part : Texts.parts(texts)) {
      add(size, part);
      size += part.size();
    }
  }

  private void add(int first, Texts texts) {
    increments.add(new Increment(first, texts.size(), spark.broadcast(texts)));
  }

  /**
   * Joins the smallest tail whose parts together are as large as what stands before it, as far as
   * one array holds them.
   */
  private void joinIncrements() {
    int last = increments.size() - 1;
    int from = last;
    long tail = increments.get(last).texts().value().bytes();
    while (from > 0) {
      long before = increments.get(from - 1).texts().value().bytes();
      boolean fits = tail + before <= Texts.MOST_BYTES;
      if (!fits || (from < last && before > tail)) { // two are joined whatever their sizes
        break;
      }
      from--;
      tail += before;
    }
    if (from == last) {
      return;
    }
    List<Increment> joined = new ArrayList<>(increments.subList(from, increments.size()));
    Texts.Builder builder = new Texts.Builder();
    for (Increment increment : joined) {
      increment.texts().value().forEach(builder::add);
    }
    increments.subList(from, increments.size()).clear();
    add(joined.get(0).first(), builder.build());
    joined.forEach(increment -> increment.texts().destroy());
  }

  @Override
  public Found probe(List<String> batch) {
    Hits hits = Hits.none(batch.size());
    refine(batch, hits);
    return new Found(hits, KnownPairs.none());
  }

  /**
   * Makes the hits those with the earliest similar pool texts.
   *
   * @param hits verified ones that need not be the earliest, or none
   */
  void refine(List<String> batch, Hits hits) {
    if (size == 0 || batch.isEmpty()) {
      return;
    }
    ProbePart task = new ProbePart(pool, spec, increments);
    if (batch.size() < distributedFrom) {
      hits.offerAll(0, task.call(new Part(0, Texts.of(batch), hits)).hits());
      return;
    }
    List<Part> parts = parts(batch, hits);
    for (PartHits found : spark.parallelize(parts, parts.size()).map(task).collect()) {
      hits.offerAll(found.from(), found.hits());
    }
  }

  private List<Part> parts(List<String> batch, Hits known) {
    int count =
        Math.max(1, Math.min(2 * spark.defaultParallelism(), batch.size() / TEXTS_PER_TASK));
    List<Part> parts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int from = (int) ((long) batch.size() * i / count);
      int to = (int) ((long) batch.size() * (i + 1) / count);
      parts.add(new Part(from, Texts.of(batch.subList(from, to)), known.part(from, to)));
    }
    return parts;
  }

  /** The batch's texts from index {@code from} on, and what is known of them. */
  private record Part(int from, Texts texts, Hits known) implements Serializable {}

  private record PartHits(int from, Hits hits) implements Serializable {}

  private static final class ProbePart implements Function<Part, PartHits> {
    private static final long serialVersionUID = 1L;

    private final String pool;
    private final EngineSpec spec;
    private final ArrayList<Increment> increments;

    ProbePart(String pool, EngineSpec spec, List<Increment> increments) {
      this.pool = pool;
      this.spec = spec;
      this.increments = new ArrayList<>(increments);
    }

    @Override
    public PartHits call(Part part) {
      PoolIndex index = Resident.of(pool, spec).upTo(increments);
      Selection selection = index.probe(part.texts(), part.known().bounds());
      Hits hits = Hits.none(selection.size());
      for (int i = 0; i < selection.size(); i++) {
        if (!selection.survives(i)) {
          hits.offer(i, selection.neighbour(i), selection.score(i));
        }
      }
      return new PartHits(part.from(), hits);
    }
  }

  /** The index of one pool in this JVM, as far as its tasks have brought it. */
  static final class Resident {
    /** A driver may end one run and begin another; more pools than this are not in use at once. */
    private static final int POOLS = 2;

    private static final Map<String, Resident> POOLS_HERE =
        new LinkedHashMap<>(8, 0.75f, true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<String, Resident> eldest) {
            return size() > POOLS;
          }
        };

    private final PoolIndex index;

    private Resident(EngineSpec spec) {
      this.index = new PoolIndex(spec.options());
    }

    static Resident of(String pool, EngineSpec spec) {
      synchronized (POOLS_HERE) {
        return POOLS_HERE.computeIfAbsent(pool, id -> new Resident(spec));
      }
    }

    /** As if the executors were new. */
    static void forgetAll() {
      synchronized (POOLS_HERE) {
        POOLS_HERE.clear();
      }
    }

    /** The index with all of these texts. */
    synchronized PoolIndex upTo(List<Increment> increments) {
      for (Increment increment : increments) {
        int known = index.size() - increment.first();
        if (known < increment.size()) {
          Texts texts = increment.texts().value();
          append(texts.subList(Math.max(0, known), texts.size()));
        }
      }
      return index;
    }

    /** An index that a failure left half-way is not used again. */
    private void append(List<String> texts) {
      try {
        index.append(texts);
      } catch (RuntimeException | Error e) {
        synchronized (POOLS_HERE) {
          POOLS_HERE.values().remove(this);
        }
        throw e;
      }
    }
  }
}
