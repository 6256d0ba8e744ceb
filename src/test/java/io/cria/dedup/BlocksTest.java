package io.cria.dedup;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

/** What is held at once is bounded by bytes as well as by records. */
class BlocksTest {
  private static List<Chunk> chunks(List<String> texts) {
    var rest = new ArrayList<>(texts).iterator();
    List<Chunk> chunks = new ArrayList<>();
    new ChunkIterator(0, 1) {
      @Override
      boolean readOne() {
        if (rest.hasNext()) {
          add(List.of(rest.next()), null);
          return true;
        }
        return false;
      }
    }.forEachRemaining(chunks::add);
    return chunks;
  }

  @Test
  void aChunkEndsByBytesToo() {
    List<Chunk> chunks = chunks(Collections.nCopies(7, "x".repeat(3 << 20)));
    assertThat(chunks).extracting(chunk -> chunk.texts().size()).containsExactly(3, 3, 1);
    assertThat(chunks).extracting(chunk -> chunk.stretch().first()).containsExactly(0L, 3L, 6L);
  }

  @Test
  void aBlockEndsByBytesToo() {
    Column column = new Column(chunks(Collections.nCopies(100, "x".repeat(100))));
    assertThat(column.bytes()).isEqualTo(10_000);
    Decision small = new Decision(List.of(new Nameless()), List.of(column), 3_000);
    assertThat(small.blockEnd(0)).isEqualTo(10);
    assertThat(small.blockEnd(95)).isEqualTo(100);
    assertThat(new Decision(List.of(new Nameless()), List.of(column), 1).blockEnd(7)).isEqualTo(8);
    assertThat(new Decision(List.of(new Nameless()), List.of(column)).blockEnd(0)).isEqualTo(100);
  }

  /** Only its name is asked for. */
  private static final class Nameless implements Input {
    @Override
    public String name() {
      return "in";
    }

    @Override
    public String kind() {
      return "jsonl";
    }

    @Override
    public <T extends Stretch.Told> List<T> read(Stretch.Work<T> work) {
      throw new UnsupportedOperationException();
    }

    @Override
    public StructType schema() {
      throw new UnsupportedOperationException();
    }

    @Override
    public List<Part> write(String directory, Broadcast<Verdicts> verdicts, int input) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Dataset<Row> table(Broadcast<Verdicts> verdicts, int input, boolean kept) {
      throw new UnsupportedOperationException();
    }
  }
}
