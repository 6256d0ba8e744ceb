package io.cria.dedup;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.api.java.function.Function2;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;

/** What executors do with the lines of a {@link JsonInput}'s slices. */
final class JsonTasks {
  private JsonTasks() {}

  /** The text of each line. */
  static final class Text implements Function<JsonLines.Line, String> {
    private static final long serialVersionUID = 1L;

    @Override
    public String call(JsonLines.Line line) {
      return String.valueOf(line.text());
    }
  }

  /** Takes the columns out, a chunk at a time. */
  static final class ReadColumns<T extends Stretch.Told>
      implements Function2<Integer, Iterator<JsonLines.Line>, Iterator<T>> {
    private static final long serialVersionUID = 1L;

    private final ArrayList<String> columns;
    private final @Nullable String orderBy;
    private final boolean skipsMissing;
    private final Stretch.Work<T> work;

    ReadColumns(
        List<String> columns,
        @Nullable String orderBy,
        boolean skipsMissing,
        Stretch.Work<T> work) {
      this.skipsMissing = skipsMissing;
      this.columns = new ArrayList<>(columns);
      this.orderBy = orderBy;
      this.work = work;
    }

    @Override
    public Iterator<T> call(Integer slice, Iterator<JsonLines.Line> lines) {
      Iterator<Chunk> chunks = chunks(slice, lines);
      return new Iterator<>() {
        @Override
        public boolean hasNext() {
          return chunks.hasNext();
        }

        @Override
        public T next() {
          return work.of(chunks.next());
        }
      };
    }

    private Iterator<Chunk> chunks(int slice, Iterator<JsonLines.Line> lines) {
      RecordReader reader = new RecordReader(columns, orderBy, skipsMissing);
      return new ChunkIterator(slice, columns.size()) {
        @Override
        boolean readOne() throws BadRecord {
          JsonLines.Line line = nextOf(lines);
          if (line == null) {
            return false;
          }
          if (line.text() == null) {
            throw new BadRecord(line.line(), JsonLines.NOT_UTF_8);
          }
          try {
            reader.read(line.text(), line.line());
          } catch (RecordReader.Unusable e) {
            throw new BadRecord(line.line(), String.valueOf(e.getMessage()));
          }
          if (reader.isMissing()) {
            addMissing(orderBy != null);
          } else {
            add(reader.texts(), reader.order());
          }
          return true;
        }

        @Override
        List<Kinds.First> kinds() {
          return reader.news();
        }

        @Override
        Set<String> wide() {
          return reader.wide();
        }
      };
    }

    private static JsonLines.@Nullable Line nextOf(Iterator<JsonLines.Line> lines)
        throws ChunkIterator.BadRecord {
      try {
        return lines.hasNext() ? lines.next() : null;
      } catch (JsonElements.Malformed e) {
        throw new ChunkIterator.BadRecord(e.line(), String.valueOf(e.getMessage()));
      }
    }
  }

  /** Writes each record as it is to the file of what was decided of it. */
  static final class WriteJson
      implements Function2<Integer, Iterator<JsonLines.Line>, Iterator<Input.Part>> {
    private static final long serialVersionUID = 1L;

    private final String directory;
    private final SerializableConfiguration hadoop;
    private final Broadcast<Verdicts> verdicts;
    private final String name;
    private final int input;
    private final int[] firsts;

    WriteJson(
        String directory,
        SerializableConfiguration hadoop,
        Broadcast<Verdicts> verdicts,
        String name,
        int input,
        int[] firsts) {
      this.directory = directory;
      this.hadoop = hadoop;
      this.verdicts = verdicts;
      this.name = name;
      this.input = input;
      this.firsts = firsts;
    }

    @Override
    public Iterator<Input.Part> call(Integer slice, Iterator<JsonLines.Line> all) {
      Iterator<JsonLines.Line> lines = new Counted(all, name, firsts, slice);
      if (!lines.hasNext()) {
        return Collections.emptyIterator();
      }
      int first = verdicts.value().first(input) + firsts[slice];
      PartWriter part =
          new PartWriter(
              directory, hadoop.value(), verdicts.value().open(), input, slice, 0, first);
      try (part) {
        while (lines.hasNext()) {
          part.write(String.valueOf(lines.next().text()));
        }
      }
      return List.of(part.part()).iterator();
    }
  }

  /** Lines of a slice; fails when they are not as many as were judged. */
  private static final class Counted implements Iterator<JsonLines.Line> {
    private final Iterator<JsonLines.Line> lines;
    private final String name;
    private int left;

    Counted(Iterator<JsonLines.Line> lines, String name, int[] firsts, int slice) {
      this.lines = lines;
      this.name = name;
      this.left = firsts[slice + 1] - firsts[slice];
    }

    @Override
    public boolean hasNext() {
      boolean has = lines.hasNext();
      if (has != left > 0) {
        throw InputFiles.changed(name, null);
      }
      return has;
    }

    @Override
    public JsonLines.Line next() {
      left--;
      return lines.next();
    }
  }

  /** The kept records, or the dropped ones with what was decided of them. */
  static final class Judged
      implements Function2<Integer, Iterator<JsonLines.Line>, Iterator<String>> {
    private static final long serialVersionUID = 1L;

    private final Broadcast<Verdicts> verdicts;
    private final String name;
    private final int input;
    private final int[] firsts;
    private final boolean kept;

    Judged(Broadcast<Verdicts> verdicts, String name, int input, int[] firsts, boolean kept) {
      this.verdicts = verdicts;
      this.name = name;
      this.input = input;
      this.firsts = firsts;
      this.kept = kept;
    }

    @Override
    public Iterator<String> call(Integer slice, Iterator<JsonLines.Line> all) {
      Iterator<JsonLines.Line> lines = new Counted(all, name, firsts, slice);
      int first = verdicts.value().first(input) + firsts[slice];
      Decided decided = verdicts.value().open();
      return new Iterator<>() {
        private int record = first - 1;
        private @Nullable String next;

        @Override
        public boolean hasNext() {
          while (next == null && lines.hasNext()) {
            String line = String.valueOf(lines.next().text());
            record++;
            if (decided.kept(record) == kept) {
              next = kept ? line : decided.withReason(line, record);
            }
          }
          return next != null;
        }

        @Override
        public String next() {
          if (!hasNext() || next == null) {
            throw new NoSuchElementException();
          }
          String line = next;
          next = null;
          return line;
        }
      };
    }
  }
}
