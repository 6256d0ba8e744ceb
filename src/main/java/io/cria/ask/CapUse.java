package io.cria.ask;

import io.cria.llm.Prices;
import io.cria.run.Line;
import io.cria.run.RunTables;
import io.cria.storage.AskedTotals;
import io.cria.storage.Commits;
import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import io.cria.task.Amount;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.Ids;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.filter2.compat.FilterCompat;

/**
 * What a directory has taken of its caps. Its stages may ask different models: what was kept
 * without a price counts at the price of the model that its stage asks, as its requests have it.
 */
public final class CapUse {
  /**
   * Stands among the inputs of requests that a server of ours answers on this machine, for an
   * answerer that is a file: they cost nothing, and count against no cap.
   */
  public static final Manifest.Input THIS_MACHINE =
      new Manifest.Input("this machine", Ids.sha256("this machine"));

  private final RunDirectory run;
  private final Configuration hadoop;
  private final Commits commits;

  public CapUse(RunDirectory run, Configuration hadoop) {
    this.run = run;
    this.hadoop = hadoop;
    this.commits = new Commits(run);
  }

  /**
   * All stages together.
   *
   * @param stages what each has spent
   * @param prices by which answers count that were kept without a price
   * @param model whose price a stage has that has answers and no requests any more
   */
  public Amount of(Map<String, Spend> stages, Prices prices, String model, LocalDate day) {
    Amount sum = Amount.ZERO;
    for (Map.Entry<String, Spend> each : stages.entrySet()) {
      Optional<Manifest> requests = requests(each.getKey());
      if (requests.filter(made -> made.inputs().contains(THIS_MACHINE)).isEmpty()) {
        Spend spend = each.getValue();
        String asked = isPriced(spend.unsure()) ? model : requests.map(this::model).orElse(model);
        sum = sum.plus(spend.taken(prices, asked, day));
      }
    }
    return sum;
  }

  private static boolean isPriced(AskedTotals.Unsure unsure) {
    return unsure.promptTokens() == 0 && unsure.completionTokens() == 0;
  }

  /** Of the last round that has any: all rounds of a stage ask one model. */
  private Optional<Manifest> requests(String stage) {
    List<Integer> rounds = RunTables.rounds(run, Line.REQUESTS, stage);
    for (int i = rounds.size() - 1; i >= 0; i--) {
      Optional<Manifest> made = commits.manifest(Line.REQUESTS.round(stage, rounds.get(i)));
      if (made.filter(requests -> requests.rows() > 0).isPresent()) {
        return made;
      }
    }
    return Optional.empty();
  }

  private String model(Manifest requests) {
    String first = requests.files().get(0).name();
    try (ParquetGroups groups = ParquetGroups.open(run, hadoop, first, FilterCompat.NOOP)) {
      return groups.next().getString("model", 0);
    } catch (RuntimeException e) {
      throw new CriaException(
          ExitCode.RUN_REFUSED,
          run.path(first)
              + ": cannot be read ("
              + e.getMessage()
              + "), so it is not known which model's price counts: put the file back, or take another"
              + " directory",
          e);
    }
  }
}
