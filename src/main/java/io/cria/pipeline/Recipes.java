package io.cria.pipeline;

import io.cria.config.RunConfig;
import io.cria.select.Selectors;
import io.cria.stage.ClassifyStage;
import io.cria.stage.DatasetStage;
import io.cria.stage.GenerateStage;
import io.cria.stage.InstanceStage;
import io.cria.stage.Stage;
import io.cria.task.CriaException;
import java.util.List;
import java.util.Optional;

/** The line, stage by stage. A recipe takes those it names. */
final class Recipes {
  private static final List<Stage> LINE =
      List.of(
          new GenerateStage(Selectors::of),
          new ClassifyStage(),
          new InstanceStage(),
          new DatasetStage());

  private Recipes() {}

  /** The recipe's stages in order. */
  static List<Stage> stages(RunConfig config) {
    return LINE.stream().filter(stage -> config.stages().contains(stage.name())).toList();
  }

  /**
   * One stage by name; empty when the recipe does without it.
   *
   * @throws CriaException when there is no such stage at all
   */
  static Optional<Stage> stage(RunConfig config, String name) {
    if (LINE.stream().noneMatch(stage -> stage.name().equals(name))) {
      throw CriaException.badInput(
          "unknown stage '" + name + "': known are " + LINE.stream().map(Stage::name).toList());
    }
    return stages(config).stream().filter(stage -> stage.name().equals(name)).findFirst();
  }
}
