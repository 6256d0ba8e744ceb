package io.cria.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Pages of a snapshot against a plain look at every row. */
class RowSearchTest {
  private static final int ROWS = 30_000;
  private static final List<String> WORDS = List.of("Fish", "한국", "blue", "Ärger", "zebra", "");
  private static final List<Snapshot.Line> LINES = new ArrayList<>();
  private static Snapshot snapshot;

  @BeforeAll
  static void fill() {
    Random random = new Random(7);
    snapshot = new Snapshot();
    for (int i = 0; i < ROWS; i++) {
      boolean rare = i == 29_000;
      String word = WORDS.get(random.nextInt(WORDS.size()));
      Snapshot.Line line =
          new Snapshot.Line(
              new Key(i / 10_000, i % 10_000 / 2, i % 2, 0),
              "id-" + i,
              rare ? "the only needle" : "say " + word + " " + i,
              i % 3 == 0 ? null : "in " + word,
              "out " + WORDS.get(random.nextInt(WORDS.size())),
              i % 5 == 0 ? "x".repeat(random.nextInt(3000)) : "",
              i % 4 == 0 ? "rejected" : "kept",
              i % 4 == 0 ? (i % 8 == 0 ? "similar" : "too_short") : null,
              i % 8 == 0 ? "id-" + (i / 2) : null,
              i % 8 == 0 ? i / (double) ROWS : null,
              i % 7 == 0 ? 1L : i % 11 == 0 ? 2L : 0L);
      LINES.add(line);
      snapshot.add(line);
    }
    snapshot.completed(List.of(new Codes.Count("good", 1), new Codes.Count("bad", 1)));
  }

  @AfterAll
  static void end() {
    snapshot.close();
  }

  private static RowFilter filter(String text, String kind, String reason, String round, String v) {
    return new RowFilter(some(text), some(kind), some(reason), some(round), some(v));
  }

  private static Optional<String> some(String word) {
    return Optional.of(word).filter(one -> !one.isEmpty());
  }

  private static List<Integer> plain(Predicate<Snapshot.Line> wanted) {
    return IntStream.range(0, ROWS).filter(i -> wanted.test(LINES.get(i))).boxed().toList();
  }

  private static boolean holds(Snapshot.Line line, String text) {
    String all =
        String.join(
            "\n",
            line.instruction(),
            String.valueOf(line.input()),
            String.valueOf(line.output()),
            String.valueOf(line.raw()),
            line.id());
    return all.toLowerCase(Locale.ROOT).contains(text.toLowerCase(Locale.ROOT));
  }

  private static void holdsFor(RowFilter filter, Predicate<Snapshot.Line> wanted) {
    List<Integer> expected = plain(wanted);
    RowSearch search = new RowSearch(snapshot, filter);
    assertThat(search.count()).isEqualTo(expected.size());
    List<Integer> forwards = new ArrayList<>();
    for (int from = 0; from < ROWS; ) {
      List<Integer> page = search.from(from, 777);
      forwards.addAll(page);
      from = page.isEmpty() ? ROWS : page.get(page.size() - 1) + 1;
    }
    assertThat(forwards).isEqualTo(expected);
    List<Integer> backwards = new ArrayList<>();
    for (int before = ROWS; before > 0; ) {
      List<Integer> page = new ArrayList<>(search.before(before, 777));
      before = page.isEmpty() ? 0 : page.get(0);
      Collections.reverse(page);
      backwards.addAll(page);
    }
    Collections.reverse(backwards);
    assertThat(backwards).isEqualTo(expected);
  }

  @Test
  void pagesForwardsAndBackwardsHoldEveryWantedRowOnce() {
    holdsFor(RowFilter.ALL, line -> true);
    holdsFor(filter("fISH", "", "", "", ""), line -> holds(line, "fish"));
    holdsFor(
        filter("한국", "kept", "", "1", ""),
        line -> holds(line, "한국") && line.kind().equals("kept") && line.key().round() == 1);
    holdsFor(filter("ärger 1", "", "", "", ""), line -> holds(line, "ärger 1"));
    holdsFor(filter("", "", "similar", "", ""), line -> "similar".equals(line.reason()));
    holdsFor(
        filter("", "", "too_short", "2", "good"),
        line -> "too_short".equals(line.reason()) && line.key().round() == 2 && line.marks() == 1);
    holdsFor(filter("needle", "", "", "", ""), line -> holds(line, "needle"));
    holdsFor(filter("no such text", "", "", "", ""), line -> false);
    holdsFor(filter("", "no such kind", "", "", ""), line -> false);
    holdsFor(filter("", "", "", "", "no such verdict"), line -> false);
  }

  @Test
  void rowsAreAsTheyWereAddedAndFoundByPlaceAndId() {
    for (int row : new int[] {0, 1, 2047, 2048, 9_999, 10_000, 29_999}) {
      Snapshot.Line line = LINES.get(row);
      assertThat(snapshot.line(row))
          .usingRecursiveComparison()
          .ignoringFields("input", "raw")
          .isEqualTo(line);
      assertThat(snapshot.line(row).input()).isEqualTo(line.input() == null ? "" : line.input());
      assertThat(snapshot.at(line.key())).contains(row);
      assertThat(snapshot.withId(line.id())).contains(row);
    }
    assertThat(snapshot.at(new Key(0, 0, 2, 0))).isEmpty();
    assertThat(snapshot.from(new Key(0, 0, 2, 0))).isEqualTo(2);
    assertThat(snapshot.from(new Key(9, 0, 0, 0))).isEqualTo(ROWS);
    assertThat(snapshot.withId("id-none")).isEmpty();
    assertThat(snapshot.verdicts(7)).containsExactly("good");
    assertThat(snapshot.verdicts(11)).containsExactly("bad");
    assertThat(snapshot.rounds()).extracting(Codes.Count::value).containsExactly("0", "1", "2");
    assertThat(snapshot.reasons())
        .containsExactly(new Codes.Count("similar", 3750), new Codes.Count("too_short", 3750));
  }

  @Test
  void anEmptyTableHasNoRows() {
    try (Snapshot empty = new Snapshot().completed(List.of())) {
      assertThat(new RowSearch(empty, RowFilter.ALL).from(0, 5)).isEmpty();
      assertThat(new RowSearch(empty, filter("a", "", "", "", "")).before(0, 5)).isEmpty();
      assertThat(new RowSearch(empty, RowFilter.ALL).count()).isZero();
      assertThat(empty.withId("x")).isEmpty();
    }
  }
}
