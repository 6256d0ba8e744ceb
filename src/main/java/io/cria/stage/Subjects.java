package io.cria.stage;

import io.cria.ask.AskedParts;
import io.cria.ask.PlannedRequest.Subject;
import io.cria.run.Line;
import io.cria.run.RunContext;
import io.cria.run.RunTables;
import io.cria.storage.Manifest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/** The kept candidates that later stages ask about, round by round in acceptance order. */
final class Subjects {
  private final RunContext context;
  private final boolean classified;

  Subjects(RunContext context) {
    this.context = context;
    this.classified = asks(context);
  }

  /** Whether the recipe asks which instructions are classification tasks. */
  static boolean asks(RunContext context) {
    return context.config().stages().contains(Line.CLASSIFY.name());
  }

  /**
   * Rounds of generation that are committed; none where a cap cut generation in its first.
   *
   * @throws CriaException when there is none yet
   */
  static List<Integer> rounds(RunContext context) {
    int rounds = GenerateStage.committed(context).size();
    if (rounds == 0 && !context.shortfall().hasCut()) {
      throw RunTables.notMade(context.run(), Line.GENERATE.table().name());
    }
    return IntStream.range(0, rounds).boxed().toList();
  }

  /**
   * A class that was asked for.
   *
   * @param answerId of the question
   * @param isClassification null when the question failed
   * @param reason why it failed
   */
  record Classed(String answerId, @Nullable Boolean isClassification, @Nullable String reason) {}

  /** Kept candidates of a round, without their class. */
  List<Subject> of(int round) {
    context.job("kept instructions of round " + round);
    List<Subject> subjects = new ArrayList<>();
    for (Row row :
        RunTables.read(context, Line.GENERATE.table(), List.of(round))
            .filter("kept")
            .orderBy("row", "item")
            .select("candidate_id", "row", "item", "instruction")
            .collectAsList()) {
      subjects.add(
          new Subject(
              row.getString(0), round, row.getInt(1), row.getInt(2), row.getString(3), null));
    }
    return subjects;
  }

  /**
   * Kept candidates of a round with their class; in a recipe that does not ask, none is a
   * classification task. Those whose question failed have none.
   */
  List<Subject> withClass(int round) {
    Map<String, Classed> classes = classes(round);
    return of(round).stream()
        .map(s -> s.withClass(classified ? isClassification(classes, s) : Boolean.FALSE))
        .toList();
  }

  private static @Nullable Boolean isClassification(Map<String, Classed> classes, Subject subject) {
    Classed classed = classes.get(subject.candidateId());
    return classed == null ? null : classed.isClassification();
  }

  /** The classes of a round by candidate; none in a recipe that does not ask. */
  Map<String, Classed> classes(int round) {
    Map<String, Classed> classes = new HashMap<>();
    if (classified) {
      for (Row row :
          RunTables.read(context, Line.CLASSIFY.table(), List.of(round))
              .select("candidate_id", "answer_id", "is_classification", "reason")
              .collectAsList()) {
        classes.put(
            row.getString(0),
            new Classed(
                row.getString(1), row.isNullAt(2) ? null : row.getBoolean(2), row.getString(3)));
      }
    }
    return classes;
  }

  /** Whether the classes of a round are there, all of them, or none is asked for. */
  boolean areClassified(int round) {
    return !classified || AskedParts.isWhole(context, Line.CLASSIFY, round);
  }

  /**
   * Of these rounds those that have all their classes, where a cap may have cut the asking for
   * them; else all, and one that has not fails.
   */
  List<Integer> ready(List<Integer> rounds) {
    return context.shortfall().hasCut()
        ? rounds.stream().filter(this::areClassified).toList()
        : rounds;
  }

  /** What stands for the candidates of a round. */
  Manifest.Input candidates(int round) {
    return RunTables.input(context.run(), Line.GENERATE.table().round(round));
  }

  /** What stands for the candidates of a round and, where the recipe asks, their classes. */
  List<Manifest.Input> inputsWithClass(int round) {
    List<Manifest.Input> inputs = new ArrayList<>();
    inputs.add(candidates(round));
    if (classified) {
      if (!areClassified(round)) {
        throw RunTables.notMade(context.run(), Line.CLASSIFY.table().round(round));
      }
      inputs.add(RunTables.input(context.run(), Line.CLASSIFY.table().round(round)));
    }
    return inputs;
  }
}
