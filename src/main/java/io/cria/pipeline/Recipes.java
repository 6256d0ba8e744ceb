package io.cria.pipeline;

import io.cria.config.NearestWord;
import io.cria.config.RunConfig;
import io.cria.run.Line;
import io.cria.run.StageDeclaration;
import io.cria.select.Selectors;
import io.cria.stage.ClassifyStage;
import io.cria.stage.DatasetStage;
import io.cria.stage.GenerateStage;
import io.cria.stage.InstanceStage;
import io.cria.stage.ModerateStage;
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
          new ModerateStage(),
          new DatasetStage());

  private Recipes() {}

  /**
   * @param where what names the list of stages, for messages
   * @throws CriaException (bad input) for a stage that there is not, or that lacks what it needs
   */
  static void requireKnown(RunConfig config, String where) {
    for (String name : config.stages()) {
      StageDeclaration stage = Line.stage(name).orElseThrow(() -> unknown(name, where));
      for (String key : stage.needs()) {
        if (key.equals("classify") && config.classify() == null) {
          throw CriaException.badInput(
              where + ": the stage " + name + " needs the key '" + key + "': add it");
        }
      }
    }
    if (config.includeSeeds() && config.select().selects()) {
      throw CriaException.badInput(
          where
              + ": the keys 'includeSeeds' and 'select' go not together: seed tasks are not judged,"
              + " leave one of them out");
    }
    if (config.moderation() != null && !config.stages().contains(Line.MODERATE.name())) {
      throw CriaException.badInput(
          where + ": the key 'moderation' needs the stage moderate: add it before dataset");
    }
  }

  private static CriaException unknown(String name, String where) {
    return CriaException.badInput(
        where
            + ": unknown stage '"
            + name
            + "': "
            + NearestWord.of(name, Line.names())
                .map(near -> "did you mean '" + near + "'?")
                .orElse("known are " + Line.names()));
  }

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
