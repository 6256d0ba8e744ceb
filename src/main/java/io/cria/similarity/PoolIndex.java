package io.cria.similarity;

import io.cria.task.CriaException;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;

/**
 * The pool of accepted texts and the rule over it: a text is dropped when its ROUGE-L F with a text
 * accepted before it exceeds the threshold. Decisions, neighbours and scores are those of the loop
 * over all pairs, to the double, for any number of threads, any chunks and any division of one
 * ordered stream into batches.
 *
 * <p>On a cluster: each executor keeps one index, {@link #probe}s parts of a new batch (any number
 * of threads at once) and {@link #append}s what was accepted; the driver resolves the survivors, in
 * order, by {@link #select} on an empty index, since whatever is similar to the old pool was
 * dropped with its earliest neighbour already.
 *
 * <p>Thread-safe: probes run side by side, changes alone.
 *
 * <p>A change that throws may leave texts in the pool that are not in the index. Then every later
 * call throws {@link IllegalStateException}: drop the index and build it from its texts again.
 */
public final class PoolIndex implements TextSelector {
  private static final int FORMAT = 0x43504932; // "CPI2"

  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  private final Pool pool;
  private boolean halfChanged;

  public PoolIndex(EngineOptions options) {
    this.pool = new Pool(options);
  }

  public EngineOptions options() {
    return pool.options;
  }

  /** Accepted texts. */
  public int size() {
    lock.readLock().lock();
    try {
      requireWhole();
      return pool.texts.size();
    } finally {
      lock.readLock().unlock();
    }
  }

  /** Takes texts into the pool without judging them, at positions size(), size() + 1, … */
  @Override
  public void append(List<String> texts) {
    change(
        () -> {
          pool.append(texts);
          return pool;
        });
  }

  /** Runs the change alone; what it throws makes this index unusable. */
  private <T> T change(Supplier<T> change) {
    lock.writeLock().lock();
    try {
      requireWhole();
      halfChanged = true;
      T result = change.get();
      halfChanged = false;
      return result;
    } finally {
      lock.writeLock().unlock();
    }
  }

  private void requireWhole() {
    if (halfChanged) {
      throw new IllegalStateException(
          "similarity index half changed by a call that failed: build it again from its texts");
    }
  }

  /** Compares each text of a batch with the pool only; changes nothing. */
  public Selection probe(List<String> batch) {
    int[] bounds = new int[batch.size()];
    Arrays.fill(bounds, KeyIndex.NONE);
    return probe(batch, bounds);
  }

  /**
   * As {@link #probe(List)}, looking for earlier neighbours than those that are known.
   *
   * @param bounds for each text the pool position below which it is compared
   */
  public Selection probe(List<String> batch, int[] bounds) {
    lock.readLock().lock();
    try {
      requireWhole();
      int[] neighbours = new int[batch.size()];
      double[] scores = new double[batch.size()];
      Arrays.fill(neighbours, Selection.NONE);
      Arrays.fill(scores, Double.NaN);
      Workers.forRange(
          pool.options.threads(),
          0,
          batch.size(),
          () -> {
            Encoder encoder = new Encoder(pool.options.tokenizer(), pool.dictionary, false);
            return (from, to) -> probeBlock(batch, encoder, from, to, bounds, neighbours, scores);
          });
      return new Selection(neighbours, scores);
    } finally {
      lock.readLock().unlock();
    }
  }

  private void probeBlock(
      List<String> batch,
      Encoder encoder,
      int from,
      int to,
      int[] bounds,
      int[] neighbours,
      double[] scores) {
    Probe probe = pool.borrow();
    for (int i = from; i < to; i++) {
      encoder.encode(batch.get(i));
      probe.take(encoder.tokens(), 0, encoder.length(), pool.order, pool.dictionary.size());
      int hit = pool.index().find(probe, bounds[i], false);
      if (hit < bounds[i]) {
        neighbours[i] = hit;
        scores[i] = RequiredLcs.f(probe.found, probe.length(), pool.texts.length(hit));
      }
    }
    pool.giveBack(probe);
  }

  /**
   * Judges a batch in order; what is kept joins the pool, also against later texts of the batch.
   */
  @Override
  public Selection select(List<String> batch) {
    return select(batch, KnownPairs.none());
  }

  /**
   * As {@link #select(List)}, with the same result.
   *
   * @param known pairs of the batch that are similar
   */
  public Selection select(List<String> batch, KnownPairs known) {
    return select(batch, known, true);
  }

  /**
   * As {@link #select}, with the same texts kept, but naming for a dropped one any similar text:
   * faster.
   */
  public Selection decide(List<String> batch) {
    return select(batch, KnownPairs.none(), false);
  }

  private Selection select(List<String> batch, KnownPairs known, boolean earliest) {
    return change(
        () -> {
          TextStore texts = new TextStore();
          pool.encode(batch, texts);
          pool.renewOrder();
          return new BatchSelection(pool, texts, known, earliest).run();
        });
  }

  /**
   * Writes the accepted texts as tokens, with checksums; the index is rebuilt by {@link #load}. Big
   * endian: the format's mark; the tokenizer's name (length in two bytes, modified UTF-8) and the
   * CRC-32C of that; the tokens and the texts; the CRC-32C of these.
   */
  public void save(OutputStream out) throws IOException {
    lock.readLock().lock();
    try {
      requireWhole();
      CheckedOutputStream checked = new CheckedOutputStream(out, new CRC32C());
      DataOutputStream data = new DataOutputStream(new BufferedOutputStream(checked));
      data.writeInt(FORMAT);
      data.flush();
      checked.getChecksum().reset();
      data.writeUTF(pool.options.tokenizer().name());
      writeChecksum(data, checked);
      pool.write(data);
      writeChecksum(data, checked);
    } finally {
      lock.readLock().unlock();
    }
  }

  private static void writeChecksum(DataOutputStream data, CheckedOutputStream checked)
      throws IOException {
    data.flush();
    data.writeInt((int) checked.getChecksum().getValue());
    data.flush();
    checked.getChecksum().reset();
  }

  /**
   * Reads what {@link #save} wrote, in small steps and no byte further, and builds the index over
   * it.
   *
   * @throws CriaException (bad input) when the bytes begin as something else, or were made with
   *     another tokenizer
   * @throws IOException when they cannot be read, end early or are damaged
   */
  public static PoolIndex load(InputStream in, EngineOptions options) throws IOException {
    CheckedInputStream checked = new CheckedInputStream(in, new CRC32C());
    DataInputStream data = new DataInputStream(checked);
    if (data.readInt() != FORMAT) {
      throw CriaException.badInput(
          "not a saved similarity pool: build it again from the pool's texts");
    }
    checked.getChecksum().reset();
    String tokenizer = data.readUTF();
    requireChecksum(data, checked);
    if (!tokenizer.equals(options.tokenizer().name())) {
      throw CriaException.badInput(
          "similarity pool saved with tokenizer "
              + tokenizer
              + ", wanted "
              + options.tokenizer().name()
              + ": build it again from the pool's texts");
    }
    PoolIndex loaded = new PoolIndex(options);
    loaded.pool.read(data);
    requireChecksum(data, checked);
    loaded.pool.indexAll();
    return loaded;
  }

  private static void requireChecksum(DataInputStream data, CheckedInputStream checked)
      throws IOException {
    int wanted = (int) checked.getChecksum().getValue();
    if (data.readInt() != wanted) {
      throw new IOException("saved similarity pool damaged, its checksum is another");
    }
    checked.getChecksum().reset();
  }
}
