package io.cria.verify;

import io.cria.run.Line;
import io.cria.stage.AnswersGiven;
import io.cria.task.Example;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import org.apache.spark.sql.functions;

/** Every row of a table against the row of the one before that it was made from. */
final class Lineage {
  private static final String KEPT = "kept";

  private final Tables tables;
  private final Object[] outdated;
  private final Verified.Builder out;

  /**
   * @param outdated files that are to be made anew: what they were made from is no more
   */
  Lineage(Tables tables, List<String> outdated, Verified.Builder out) {
    this.tables = tables;
    this.outdated = outdated.toArray();
    this.out = out;
  }

  /**
   * Checks the tables of the line.
   *
   * @param seedIds ids of the seed tasks
   */
  void check(RowCheck.Among seedIds) {
    TableFiles requests = tables.of(Line.REQUESTS);
    TableFiles answers = tables.of(Line.ANSWERS);
    TableFiles candidates = tables.of(Line.GENERATE.table());
    TableFiles classified = tables.of(Line.CLASSIFY.table());
    TableFiles instances = tables.of(Line.INSTANCES.table());
    TableFiles examples = tables.of(Line.DATASET.table());
    TableFiles kept = candidates.where(KEPT);

    join(answers, List.of("stage", "request_key", "round", "row"), requests, key("request_key"));
    join(
        candidates,
        List.of("request_key", "round", "row"),
        requests.where("stage = '" + Line.GENERATE.name() + "'"),
        key("request_key"));
    joinTo(
        candidates,
        List.of("answer_id"),
        answers.where("stage = '" + Line.GENERATE.name() + "'"),
        List.of("answer_id"),
        key("answer_id"));
    TableFiles questions =
        requests.where(
            "stage in ('" + Line.CLASSIFY.name() + "', '" + Line.INSTANCES.name() + "')");
    joinTo(
        questions,
        List.of("subject_id", "round", "subject_row", "subject_item", "subject_instruction"),
        kept,
        List.of("candidate_id", "round", "row", "item", "instruction"),
        key("subject_id"));
    List<String> place = List.of("candidate_id", "round", "row", "item");
    join(classified, place, kept, key("candidate_id"));
    joinTo(
        classified,
        List.of("answer_id"),
        answers.where("stage = '" + Line.CLASSIFY.name() + "'"),
        List.of("answer_id"),
        key("answer_id"));
    join(instances, place, kept, key("candidate_id"));
    join(instances, List.of("answer_id"), answers, key("answer_id"));
    join(
        tables.of(Line.MODERATE.table()),
        List.of("instance_id", "round", "row", "item", "n"),
        instances.where(KEPT),
        key("instance_id"));
    join(
        examples,
        List.of("instance_id", "round", "row", "item", "n", "input", "output"),
        instances.where(KEPT),
        key("instance_id"));
    instructions(examples, kept);
    neighbours(candidates.where("neighbour_id is not null"), kept, seedIds);
    join(
        tables.of(Line.MODERATE.table()).where("answer_id is not null"),
        List.of("instance_id", "answer_id", "flagged"),
        tables.of(Line.MODERATIONS.table()),
        key("instance_id"));
    out.checked("lineage", 13, "each row's id, place and text in the table before");
  }

  /**
   * Tables beside those of the line: each answer is that of its request, and is about what was
   * asked.
   *
   * @param shown of a judge's table, ids of what it may be asked about; empty where that is not
   *     known
   */
  void beside(Units units, Function<String, Optional<RowCheck.Among>> shown) {
    for (String name : units.beside()) {
      TableFiles table = tables.named(name).orElseThrow();
      if (name.equals(AnswersGiven.TABLE.name())) {
        given(units, table);
      } else if (name.equals(Line.MODERATIONS.table().name())) {
        answered(table, Line.MODERATIONS.name());
        join(
            table,
            List.of("instance_id"),
            tables.of(Line.INSTANCES.table()).where(KEPT),
            key("instance_id"));
      } else {
        answered(table, name);
        asked(table, "subject_id", name);
        shown.apply(name).ifPresent(among -> subjects(name, among));
      }
    }
    int count = units.beside().size();
    if (count > 0) {
      out.checked("lineage beside", count, "each row's answer and what it was asked about");
    }
  }

  /** What a checkpoint answered was asked of nobody. */
  private void given(Units units, TableFiles table) {
    for (String answerer : new TreeSet<>(units.answerers().values())) {
      String stage = AnswersGiven.BY + answerer;
      if (units.of(Line.REQUESTS.stage(stage)).findAny().isPresent()) {
        TableFiles own = table.where("answerer = " + Contract.text(answerer));
        answered(own, stage);
        asked(own, "prompt_id", stage);
      }
    }
  }

  private void answered(TableFiles table, String stage) {
    join(
        table,
        List.of("answer_id", "round", "row"),
        tables.of(Line.ANSWERS).where("stage = " + Contract.text(stage)),
        key("answer_id"));
  }

  private void asked(TableFiles table, String column, String stage) {
    joinTo(
        table,
        List.of(column, "round", "row"),
        tables.of(Line.REQUESTS).where("stage = " + Contract.text(stage)),
        List.of("subject_id", "round", "row"),
        key(column));
  }

  private void subjects(String stage, RowCheck.Among shown) {
    TableFiles requests = tables.of(Line.REQUESTS).where("stage = " + Contract.text(stage));
    if (requests.isWhole()) {
      RowCheck.lineage(
          current(requests),
          List.of("subject_id"),
          shown,
          "concat('asks about ', subject_id, ', which was not drawn or shown here')",
          out.findings());
    }
  }

  /** The words of the instruction too are those of the candidate. */
  private void instructions(TableFiles examples, TableFiles kept) {
    TableFiles withCandidate =
        examples.with(
            examples
                .rows()
                .withColumn(
                    "candidate_id",
                    functions.regexp_replace(examples.rows().col("instance_id"), "/[0-9]+$", "")));
    join(
        withCandidate,
        List.of("candidate_id", "instruction"),
        kept,
        "concat('candidate_id ', candidate_id, ' with this instruction')");
  }

  private void neighbours(TableFiles similar, TableFiles kept, RowCheck.Among seedIds) {
    RowCheck.Among pool = kept.among(List.of("candidate_id")).and(seedIds);
    if (similar.isWhole() && kept.isWhole()) {
      RowCheck.lineage(
          current(similar),
          List.of("neighbour_id"),
          pool,
          "concat('neighbour_id ', neighbour_id, ' is neither a seed nor a kept candidate')",
          out.findings());
    }
  }

  /**
   * The rows of an export against the run's.
   *
   * @param dataset the examples of the dataset
   */
  void dataset(TableFiles dataset) {
    List<String> all = Arrays.asList(dataset.columns().fieldNames());
    join(
        dataset.where("source = '" + Example.MACHINE + "'"),
        all,
        tables.of(Line.DATASET.table()),
        key("example_id"));
  }

  /** What verdicts are about: examples of the run, or of its dataset. */
  void verdicts(TableFiles verdicts, TableFiles dataset) {
    TableFiles examples = tables.of(Line.DATASET.table());
    RowCheck.Among subjects =
        examples.among(List.of("example_id")).and(dataset.among(List.of("example_id")));
    if (examples.isWhole() && dataset.isWhole()) {
      RowCheck.lineage(
          verdicts.where("kind in ('review', 'moderation', 'decontamination')"),
          List.of("subject_id"),
          subjects,
          "concat('a verdict for ', subject_id, ', which is no example of the run')",
          out.findings());
    }
  }

  /**
   * What the verdicts of an evaluation are about: what was shown without its names.
   *
   * @param kind of the verdicts
   * @param shown ids of what was shown
   */
  void blindVerdicts(TableFiles verdicts, String kind, RowCheck.Among shown) {
    RowCheck.lineage(
        verdicts.where("kind = '" + kind + "'"),
        List.of("subject_id"),
        shown,
        "concat('a verdict for ', subject_id, ', which is no " + kind + " of the evaluation')",
        out.findings());
  }

  private static String key(String column) {
    return "concat('" + column + " ', coalesce(" + column + ", 'null'))";
  }

  private void join(TableFiles from, List<String> columns, TableFiles to, String what) {
    joinTo(from, columns, to, columns, what);
  }

  private TableFiles current(TableFiles table) {
    return outdated.length == 0
        ? table
        : table.with(
            table.rows().filter(functions.not(table.rows().col(TableFiles.FILE).isin(outdated))));
  }

  /** Where a file of either cannot be read, that is told, and this is not looked at. */
  private void joinTo(
      TableFiles from, List<String> columns, TableFiles to, List<String> there, String what) {
    if (!from.isWhole() || !to.isWhole()) {
      return;
    }
    RowCheck.lineage(
        current(from),
        columns,
        to.among(there),
        "concat(" + what + ", ' is not in " + to.name() + " as it stands here')",
        out.findings());
  }
}
