package io.cria.run;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The line's stages and tables in order, as they declare themselves. */
public final class Line {
  /** Planned requests of every asking stage. */
  public static final TableDeclaration REQUESTS =
      new TableDeclaration("requests", Schemas.REQUESTS, true);

  /** One row a committed request: which answer counts, and where it stands in the ledger. */
  public static final TableDeclaration ANSWERS =
      new TableDeclaration("answers", Schemas.ANSWERS, true);

  /** New instructions, round after round, each candidate with its verdict. */
  public static final StageDeclaration GENERATE =
      new StageDeclaration(
          "generate",
          1,
          new TableDeclaration("candidates", Schemas.CANDIDATES, false),
          true,
          List.of("generate"));

  /** Whether each kept instruction is a classification task. */
  public static final StageDeclaration CLASSIFY =
      new StageDeclaration(
          "classify",
          1,
          new TableDeclaration("classified", Schemas.CLASSIFIED, false),
          true,
          List.of("classify"));

  /** Inputs and outputs of each kept instruction. */
  public static final StageDeclaration INSTANCES =
      new StageDeclaration(
          "instances",
          1,
          new TableDeclaration("instances", Schemas.INSTANCES, false),
          true,
          List.of());

  /** What moderation says of each kept instance; recipes may do without. */
  public static final StageDeclaration MODERATE =
      new StageDeclaration(
          "moderate",
          1,
          new TableDeclaration("moderated", Schemas.MODERATED, false),
          false,
          List.of());

  /** Whom moderation may ask, and what it said: beside the line, since most recipes have none. */
  public static final StageDeclaration MODERATIONS =
      StageDeclaration.beside("moderations", 1, Schemas.MODERATIONS);

  /** Training examples, and from them the dataset's files. */
  public static final StageDeclaration DATASET =
      new StageDeclaration(
          "dataset",
          1,
          new TableDeclaration("examples", Schemas.EXAMPLES, false),
          false,
          List.of());

  public static final List<StageDeclaration> STAGES =
      List.of(GENERATE, CLASSIFY, INSTANCES, MODERATE, DATASET);

  private Line() {}

  /** The stage of that name. */
  public static Optional<StageDeclaration> stage(String name) {
    return STAGES.stream().filter(stage -> stage.name().equals(name)).findFirst();
  }

  /** The names of all stages, in order. */
  public static List<String> names() {
    return STAGES.stream().map(StageDeclaration::name).toList();
  }

  /** The stages that may ask, in order. */
  public static Stream<StageDeclaration> asking() {
    return STAGES.stream().filter(StageDeclaration::asks);
  }
}
