package io.cria.view;

import io.cria.similarity.CommonWords;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * All that is known of a row: what was asked and answered, what was read out of the answer, what
 * was decided and why, and what became of it.
 *
 * @param row the row itself
 * @param parsed the candidates of the same answer
 * @param instances of the same instruction
 * @param examples of the same instruction
 * @param near what a rejected text is near, side by side; null without
 * @param asked requests and answers; empty of a seed
 * @param shown what was shown to the model, by id
 * @param verdicts on the row or on the examples of the same instruction
 */
record Story(
    Shown row,
    List<Shown> parsed,
    List<Shown> instances,
    List<Shown> examples,
    @Nullable Near near,
    List<Asked> asked,
    List<Demonstration> shown,
    List<Verdict> verdicts) {
  private static final int MOST_OF_ONE_ANSWER = 200;
  private static final String VERDICTS =
      """
      SELECT subject_id, kind, name, rater, question, verdict, score, reason, neighbour
      FROM verdicts WHERE subject_id IN (:subjects) ORDER BY kind, name, question, rater
      """;

  /**
   * A row of a table.
   *
   * @param isThis whether it is the one that the story is of
   */
  record Shown(
      String table,
      String key,
      String id,
      String instruction,
      @Nullable String input,
      @Nullable String output,
      @Nullable String raw,
      String kind,
      @Nullable String reason,
      boolean isThis) {
    static Shown of(ViewedTable table, Snapshot.Line line, boolean isThis) {
      return new Shown(
          table.word(),
          line.key().toString(),
          line.id(),
          line.instruction(),
          line.input(),
          line.output(),
          line.raw(),
          line.kind(),
          line.reason(),
          isThis);
    }
  }

  /**
   * The text that another is near.
   *
   * @param key its place in the pool; null where it is not there any more
   * @param score as the run has it
   */
  record Near(
      String id, @Nullable String key, @Nullable Double score, @Nullable CommonWords words) {}

  /**
   * A task that was shown to the model.
   *
   * @param key its place in the pool; null where it is not there
   */
  record Demonstration(String id, @Nullable String key, String instruction) {}

  /** What somebody or something said of a subject. */
  record Verdict(
      String subject,
      String kind,
      String name,
      String rater,
      String question,
      String verdict,
      @Nullable Double score,
      String reason,
      @Nullable String neighbour) {}

  /** Puts it together. */
  static Story of(ViewedRun.Reading run, ViewedTable table, int row) {
    return new Teller(run, table, run.snapshot(table).line(row)).story();
  }

  /** Looks up what belongs to one row. */
  private static final class Teller {
    private final ViewedRun.Reading run;
    private final ViewedTable table;
    private final Snapshot.Line line;
    private final Snapshot candidates;

    Teller(ViewedRun.Reading run, ViewedTable table, Snapshot.Line line) {
      this.run = run;
      this.table = table;
      this.line = line;
      this.candidates = run.snapshot(ViewedTable.CANDIDATES);
    }

    Story story() {
      Optional<Snapshot.Line> candidate = candidate();
      List<Asked> asked =
          candidate
              .map(one -> Asked.of(run, one.key().round(), requestKey(one.id()), one.id()))
              .orElse(List.of());
      List<Shown> examples =
          candidate.isPresent()
              ? ofInstruction(ViewedTable.EXAMPLES)
              : List.of(Shown.of(table, line, true));
      return new Story(
          Shown.of(table, line, true),
          candidate.isPresent() ? parsed() : List.of(),
          candidate.isPresent() ? ofInstruction(ViewedTable.INSTANCES) : List.of(),
          candidate.isPresent() ? examples : List.of(),
          candidate.map(this::near).orElse(null),
          asked,
          demonstrations(asked),
          verdicts(examples.stream().map(Shown::id).toList()));
    }

    /** The candidate that the row is, or came from; none of a seed. */
    private Optional<Snapshot.Line> candidate() {
      if (line.kind().equals("seed")) {
        return Optional.empty();
      }
      Key key = line.key();
      return candidates
          .at(new Key(key.round(), key.row(), key.item(), 0))
          .map(candidates::line)
          .filter(one -> line.id().startsWith(one.id()));
    }

    /** A candidate's id is that of its request and its place in the answer. */
    private static String requestKey(String candidate) {
      return candidate.substring(0, candidate.lastIndexOf('#'));
    }

    private List<Shown> parsed() {
      Key key = line.key();
      return between(
          ViewedTable.CANDIDATES,
          new Key(key.round(), key.row(), 0, 0),
          new Key(key.round(), key.row() + 1, 0, 0));
    }

    private List<Shown> ofInstruction(ViewedTable other) {
      Key key = line.key();
      return between(
          other,
          new Key(key.round(), key.row(), key.item(), 0),
          new Key(key.round(), key.row(), key.item() + 1, 0));
    }

    private List<Shown> between(ViewedTable other, Key from, Key to) {
      Snapshot snapshot = run.snapshot(other);
      List<Shown> shown = new ArrayList<>();
      int end = Math.min(snapshot.from(to), snapshot.from(from) + MOST_OF_ONE_ANSWER);
      for (int row = snapshot.from(from); row < end; row++) {
        Snapshot.Line one = snapshot.line(row);
        if (!one.kind().equals("seed")) {
          shown.add(Shown.of(other, one, one.id().equals(line.id())));
        }
      }
      return shown;
    }

    private @Nullable Near near(Snapshot.Line candidate) {
      String id = candidate.neighbour();
      if (id == null) {
        return null;
      }
      Snapshot pool = run.snapshot(ViewedTable.POOL);
      Optional<Snapshot.Line> other = pool.withId(id).map(pool::line);
      return new Near(
          id,
          other.map(one -> one.key().toString()).orElse(null),
          candidate.score(),
          other
              .map(
                  one ->
                      CommonWords.of(candidate.instruction(), one.instruction(), run.tokenizer()))
              .orElse(null));
    }

    private List<Demonstration> demonstrations(List<Asked> asked) {
      Snapshot pool = run.snapshot(ViewedTable.POOL);
      List<Demonstration> shown = new ArrayList<>();
      asked.stream()
          .flatMap(one -> one.demonstrations().stream())
          .distinct()
          .forEach(
              id -> {
                Optional<Snapshot.Line> other = pool.withId(id).map(pool::line);
                shown.add(
                    new Demonstration(
                        id,
                        other.map(one -> one.key().toString()).orElse(null),
                        other.map(Snapshot.Line::instruction).orElse("")));
              });
      return shown;
    }

    private List<Verdict> verdicts(List<String> subjects) {
      if (subjects.isEmpty()) {
        return List.of();
      }
      StringBuilder names = new StringBuilder();
      Map<String, Object> values = new java.util.TreeMap<>();
      for (String subject : subjects) {
        String name = "s" + values.size();
        names.append(names.isEmpty() ? ":" : ", :").append(name);
        values.put(name, subject);
      }
      return run.spark().sql(VERDICTS.replace(":subjects", names), values).collectAsList().stream()
          .map(Teller::verdict)
          .toList();
    }

    private static Verdict verdict(Row row) {
      return new Verdict(
          row.getString(0),
          row.getString(1),
          row.getString(2),
          row.getString(3),
          row.getString(4),
          row.getString(5),
          row.isNullAt(6) ? null : row.getDouble(6),
          row.getString(7),
          row.getString(8));
    }
  }
}
