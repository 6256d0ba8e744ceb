package io.cria.stage;

import io.cria.ask.AskedParts;
import io.cria.run.Line;
import io.cria.run.RunContext;
import io.cria.run.RunTables;
import io.cria.storage.Commits;
import io.cria.storage.Manifest;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.util.List;
import java.util.Locale;

/**
 * The instructions that are through every stage before the dataset. Where no cap cut the line these
 * are all; else those of whole rounds, and of a round whose instances are committed in part those
 * of the committed parts.
 */
final class Through {
  private final RunContext context;
  private final Subjects subjects;

  Through(RunContext context) {
    this.context = context;
    this.subjects = new Subjects(context);
  }

  /**
   * The rounds that have such instructions.
   *
   * @throws CriaException when there is no round yet
   */
  List<Integer> rounds() {
    List<Integer> rounds = Subjects.rounds(context);
    return context.shortfall().hasCut() ? rounds.stream().filter(this::hasAny).toList() : rounds;
  }

  private boolean hasAny(int round) {
    if (!subjects.areClassified(round)) {
      return false;
    }
    boolean asks = context.config().instances() != null;
    String firstOf =
        asks
            ? Line.INSTANCES.requests(round)
            : RunTables.firstPart(Line.INSTANCES.table().round(round));
    boolean isCurrent =
        RunTables.upToDate(context, firstOf, Line.INSTANCES, subjects.inputsWithClass(round))
            .isPresent();
    return isCurrent && (!asks || !AskedParts.committed(context, Line.INSTANCES, round).isEmpty());
  }

  /**
   * What a round's examples are made from.
   *
   * @throws CriaException when it is not there
   */
  List<Manifest.Input> inputs(int round) {
    String instances = Line.INSTANCES.table().round(round);
    List<Manifest.Input> inputs = subjects.inputsWithClass(round);
    if (!context.shortfall().hasCut()
        && context.config().instances() != null
        && !AskedParts.isWhole(context, Line.INSTANCES, round)) {
      throw RunTables.notMade(context.run(), instances);
    }
    inputs.add(RunTables.input(context.run(), instances));
    return inputs;
  }

  /** The end of a line that is short of its target: why, and what there is all the same. */
  CriaException end(List<Integer> rounds) {
    return new CriaException(
        ExitCode.CAP_REACHED,
        context.shortfall().reason()
            + String.format(
                Locale.ROOT,
                "; the dataset has %,d examples of %,d instructions that are through every stage",
                examples(),
                instructions(rounds)));
  }

  /** The same where there is nothing of it. */
  static CriaException nothing(RunContext context) {
    return new CriaException(
        ExitCode.CAP_REACHED,
        context.shortfall().reason()
            + "; nothing is through every stage yet, and no dataset was made");
  }

  private long examples() {
    return new Commits(context.run())
        .manifest(Exports.DIRECTORY).stream()
            .flatMap(dataset -> dataset.files().stream())
            .filter(file -> file.name().startsWith(Exports.DIRECTORY + "/parquet/"))
            .mapToLong(Manifest.File::rows)
            .sum();
  }

  private long instructions(List<Integer> rounds) {
    context.job("count the instructions that are through");
    return RunTables.read(context, Line.INSTANCES.table(), rounds)
        .select("candidate_id")
        .distinct()
        .count();
  }
}
