package io.cria.llm;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.testing.FaultCase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The whole policy of sending before scripted servers: its results are a committed table, so that a
 * change of policy shows as a change of the table, and they keep to bounds.
 */
class SimulationTest {
  private static final Path COMMITTED = Path.of("src/test/resources/simulation/report.txt");

  private static List<Simulation.Row> rows = List.of();

  @BeforeAll
  static void run() {
    rows = Scenarios.all().stream().map(scenario -> scenario.get().run()).toList();
  }

  private static void each(String kind, Consumer<Simulation.Row> bounds) {
    List<Simulation.Row> ofKind = rows.stream().filter(row -> row.name().startsWith(kind)).toList();
    assertThat(ofKind).as(kind).isNotEmpty().allSatisfy(bounds);
  }

  private static void uses(Simulation.Row row, double share, double refused) {
    assertThat(row.share()).as("%s: share", row.name()).isGreaterThanOrEqualTo(share);
    assertThat(row.refused()).as("%s: refused", row.name()).isLessThan(refused);
  }

  @Test
  void theTableIsTheCommittedOne() throws IOException {
    String table = SimulationReport.of(rows);
    if (Boolean.getBoolean("simulation.accept")) {
      Files.createDirectories(COMMITTED.getParent());
      Files.writeString(COMMITTED, table);
    }
    String committed = Files.readString(COMMITTED).replace("\r\n", "\n");
    assertThat(table)
        .withFailMessage(
            "the policy does other than %s says; if it is meant to, run this test with"
                + " -Dsimulation.accept=true and commit the table:%n%s",
            COMMITTED, SimulationReport.diff(committed, table))
        .isEqualTo(committed);
  }

  @Test
  void everyRequestIsAnswered() {
    assertThat(rows).allSatisfy(row -> assertThat(row.failed()).as(row.name()).isZero());
  }

  @FaultCase(26)
  @Test
  void aConfiguredLimitIsUsedAndKept() {
    each(
        "configured,",
        row -> {
          boolean isLow = row.name().contains("20 RPM");
          // an idle driver closes the gate for some seconds
          double share = row.name().contains("unreachable") ? 0.93 : 0.97;
          uses(row, share, isLow ? 0.03 : 0.01);
          // a tenth of a second's requests each, and at least one
          assertThat(row.excess()).as(row.name()).isLessThanOrEqualTo(isLow ? 2 : 0.12);
        });
  }

  @Test
  void aLimitThatHeadersTellIsUsed() {
    each("headers (", row -> uses(row, 0.95, 0.03));
  }

  @Test
  void aLimitThatOnlyRefusalsTellIsUsed() {
    each("Retry-After,", row -> uses(row, 0.93, 0.05));
    // where what is refused counts too, every refusal costs an answer
    each("bare 429s,", row -> uses(row, row.name().contains("refused count") ? 0.9 : 0.93, 0.05));
  }

  @Test
  void aLimitThatChangesIsFound() {
    each(
        "limit ",
        row -> {
          uses(row, 0.95, 0.05);
          assertThat(row.recovery()).as(row.name()).isLessThan(25);
        });
    each("slow ramp, bare", row -> uses(row, 0.9, 0.05));
    each("slow ramp, 503", row -> uses(row, 0.6, 0.03));
  }

  @Test
  void aLimitThatIsSetTooHighIsCorrected() {
    each("set twice too high", row -> uses(row, 0.95, 0.08));
    each("very low,", row -> uses(row, 0.5, 0.3));
  }

  @FaultCase(19)
  @Test
  void aLimitOfTokensIsUsedWhateverWasExpected() {
    each("tokens ", row -> uses(row, 0.95, 0.01));
  }

  @Test
  void anOutageCostsFewAttemptsAndPasses() {
    each(
        "outage ",
        row -> {
          int most = row.name().contains("3 executors") ? 120 : 50;
          assertThat(row.attempts()).as(row.name()).isBetween(1, most);
          assertThat(row.recovery()).as(row.name()).isLessThan(5);
        });
  }

  @Test
  void randomFailuresDoNotSlowDown() {
    each("1.7 % random 429s", row -> uses(row, 0.9, 0.02));
    each("5 % random resets", row -> uses(row, 0.9, 0.01));
  }

  @Test
  void aServerThatTakesOnlySoManyAtATimeIsKeptBusy() {
    each("429s above", row -> uses(row, 0.75, 0.03));
    each("503s above", row -> uses(row, 0.75, 0.01));
  }

  @Test
  void withoutALimitThePolicyCostsNothing() {
    each("no limit,", row -> uses(row, 0.99, 0.001));
  }
}
