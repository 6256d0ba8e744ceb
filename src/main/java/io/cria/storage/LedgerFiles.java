package io.cria.storage;

import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.fs.FSDataOutputStream;

/**
 * The ledger's segment files: {@code ledger/stage=S/round=0007/segment-….jsonl}. A segment is
 * written by one task attempt; it is never changed after that, nor renamed, so that what was synced
 * is there after any kill.
 */
public final class LedgerFiles {
  private static final String STAGE = "stage=";

  private final RunDirectory run;
  private final String directory;

  public LedgerFiles(RunDirectory run, String stage, int round) {
    this.run = run;
    this.directory = directory(stage, round);
  }

  /** The directory of one stage's round, relative to the run. */
  public static String directory(String stage, int round) {
    return String.format(Locale.ROOT, "ledger/stage=%s/round=%04d", stage, round);
  }

  /** Start of the names of a part's segments. */
  public static String prefix(int part) {
    return String.format(Locale.ROOT, "segment-p%05d-", part);
  }

  /** What the names of all segments of one part begin with. */
  public static String partOf(String segment) {
    String name = segment.substring(segment.lastIndexOf('/') + 1);
    int end = name.indexOf('-', name.indexOf('-') + 1);
    return end < 0 ? name : name.substring(0, end + 1);
  }

  /**
   * A segment as it lies there.
   *
   * @param path below the run directory
   * @param bytes its size now
   */
  public record Found(String path, long bytes) implements Serializable {
    /** Its file name. */
    public String name() {
      return path.substring(path.lastIndexOf('/') + 1);
    }

    /** Whether it belongs to that part of its round. */
    public boolean isOf(int part) {
      return name().startsWith(prefix(part));
    }
  }

  /** The segments of the whole ledger, by stage and round. */
  public static List<Found> segments(RunDirectory run) {
    List<Found> segments = new ArrayList<>();
    stages(run).forEach(stage -> segments.addAll(segments(run, stage)));
    return segments;
  }

  /** The stages that have a ledger, by name. */
  public static List<String> stages(RunDirectory run) {
    return run.list("ledger").stream()
        .filter(name -> name.startsWith(STAGE))
        .map(name -> name.substring(STAGE.length()))
        .toList();
  }

  /** The segments of one stage, by round. */
  public static List<Found> segments(RunDirectory run, String stage) {
    List<Found> segments = new ArrayList<>();
    for (String round : run.list("ledger/stage=" + stage)) {
      if (round.startsWith("round=")) {
        int number = Integer.parseInt(round.substring("round=".length()));
        segments.addAll(segments(run, stage, number));
      }
    }
    return segments;
  }

  /** The segments of one stage's round, by name. One listing. */
  public static List<Found> segments(RunDirectory run, String stage, int round) {
    String directory = directory(stage, round);
    List<Found> segments = new ArrayList<>();
    for (RunDirectory.Sized file : run.listSized(directory)) {
      if (file.name().startsWith("segment-") && file.name().endsWith(".jsonl")) {
        segments.add(new Found(directory + "/" + file.name(), file.bytes()));
      }
    }
    return segments;
  }

  /**
   * A new segment.
   *
   * @param name a file name, used once
   */
  public Segment create(String name) throws IOException {
    String path = directory + "/" + name;
    run.files().mkdirs(run.absolute(directory));
    return new Segment(path, run.files().create(run.absolute(path), false));
  }

  /** One open segment. Not thread-safe. */
  public final class Segment implements AutoCloseable {
    private final String path;
    private final FSDataOutputStream out;
    private final RoomStream written;

    private Segment(String path, FSDataOutputStream out) {
      this.path = path;
      this.out = out;
      this.written = new RoomStream(run.path(path), out);
    }

    public void write(byte[] bytes) throws IOException {
      written.write(bytes);
    }

    /** Makes what was written durable, where {@link #syncIsDurable} holds. */
    public void sync() throws IOException {
      written.told(out::hsync);
    }

    /** Whether a sync survives a kill; else only a close does. */
    public boolean syncIsDurable() {
      return out.hasCapability("hsync")
          || run.files() instanceof org.apache.hadoop.fs.RawLocalFileSystem;
    }

    @Override
    public void close() throws IOException {
      written.close();
    }

    @Override
    public String toString() {
      return path;
    }
  }
}
