package io.cria.pipeline;

import io.cria.config.AskConfig;
import io.cria.run.BesideContext;
import io.cria.run.RunProgress;
import io.cria.run.Wish;
import io.cria.stage.BesideStage;
import io.cria.storage.RunDirectory;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/**
 * One invocation of what is asked beside a line (a judge's review, an evaluation), in a directory
 * of its own: a run in all but the line. Identity, lock, ledger, caps, limits, stop, resume, status
 * and exit codes are those of any run.
 */
public final class BesideRunner {
  private final SparkSession spark;
  private final RunDirectory directory;
  private final RunProgress progress;
  private final Clock clock;
  private Wish wish = Wish.NONE;

  /**
   * What the work is.
   *
   * @param kind of it, for example {@code review}: stands in run.json
   * @param identity what else decides what the directory is
   * @param asking the context of stages that ask nobody; {@link AskConfig#NOBODY} where none does
   * @param prices text of the price list; empty when there is none
   * @param pricesName how the list is called; null for the shipped one
   * @param kept file below the directory to text: copies of what the work was started from
   * @param remedy what a directory that holds other work is answered with, for example {@code
   *     "another --name"}
   */
  public record Work(
      String kind,
      Map<String, Object> identity,
      AskConfig asking,
      String prices,
      @Nullable String pricesName,
      Map<String, String> kept,
      String remedy) {
    public Work {
      identity = Map.copyOf(identity);
      kept = Map.copyOf(kept);
    }
  }

  public BesideRunner(
      SparkSession spark, RunDirectory directory, RunProgress progress, Clock clock) {
    this.spark = spark;
    this.directory = directory;
    this.progress = progress;
    this.clock = clock;
  }

  /** See {@link Wish}. */
  public BesideRunner wishing(Wish other) {
    wish = other;
    return this;
  }

  /** The stages in order; one that fails ends it. Returns whether there was anything to do. */
  public boolean run(Work work, List<? extends BesideStage> stages) {
    LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
    for (BesideStage stage : stages) {
      stage.require(spark.sparkContext().isLocal());
      stage
          .asks()
          .ifPresent(
              asking -> {
                KeysInSpark.refuse(
                    spark.sparkContext().getConf(), asking.endpoint(), System.getenv());
                PriceCheck.of(asking, work.prices(), work.pricesName(), "the command")
                    .require(today);
              });
    }
    return new LockedWork(spark, directory, clock, work.remedy(), progress)
        .invoke(
            RunIdentity.beside(work.kind(), work.identity()),
            work.asking().limits(),
            epoch -> keep(work),
            held -> staged(work, stages, held));
  }

  private void keep(Work work) {
    work.kept().forEach(directory::replace);
    if (!work.asking().equals(AskConfig.NOBODY)) {
      directory.replace(RunInputs.PRICES, work.prices());
      directory.replace(BesideInputs.ASKING, RunInputs.json(work.asking()));
    }
  }

  private boolean staged(Work work, List<? extends BesideStage> stages, LockedWork.Held held) {
    boolean worked = false;
    int number = 0;
    for (BesideStage stage : stages) {
      held.begin(stage.name());
      progress.stage(++number, stages.size(), stage.name());
      AskConfig asking = stage.asks().orElse(work.asking());
      try (ModelAddress model =
          new ModelAddress(asking, spark.sparkContext().isLocal(), asked -> {}, progress::note)) {
        worked |=
            stage.run(
                new BesideContext(
                    spark,
                    directory,
                    held.lock(),
                    asking,
                    model,
                    held.identity(),
                    work.prices(),
                    progress,
                    held.stop(),
                    wish));
      }
    }
    progress.end();
    return worked;
  }
}
