package io.cria.seed;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.filter.FilterChain;
import io.cria.filter.Filters;
import io.cria.storage.Location;
import io.cria.task.Draft;
import io.cria.task.InputOutput;
import io.cria.task.SeedTask;
import io.cria.task.Verdict;
import io.cria.testing.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.util.HashSet;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;

/** Holds conf/seeds to what every dataset made from it relies on. */
final class ShippedSeedsTest {
  private static final Location FILE =
      Location.of("conf/seeds/seed_tasks.jsonl", new Configuration());

  private final List<SeedTask> seeds = SeedFile.read(FILE);

  @Test
  void theFileHasOneHundredAndSeventyFiveTasksWithIdsInOrder() {
    assertThat(seeds).hasSize(175);
    for (int i = 0; i < seeds.size(); i++) {
      assertThat(seeds.get(i).id()).isEqualTo("seed_task_" + i);
    }
    assertThat(seeds).extracting(SeedTask::name).doesNotHaveDuplicates().doesNotContain("");
  }

  @Test
  void atLeastTwentyFiveTasksAreClassification() {
    assertThat(seeds).filteredOn(SeedTask::isClassification).hasSizeBetween(25, 60);
  }

  @Test
  void theCheckFindsNothing() {
    SeedReport report = SeedCheck.check(FILE, new PlainSelector(SeedCheck.DEFAULT_THRESHOLD));

    assertThat(report.findings()).isEmpty();
    assertThat(SeedReportText.render(report)).endsWith("\ngood: no errors, no warnings\n");
  }

  @Test
  void noTwoInstructionsAreAlike() {
    for (int i = 0; i < seeds.size(); i++) {
      for (int j = 0; j < i; j++) {
        String one = seeds.get(i).instruction();
        String other = seeds.get(j).instruction();
        assertThat(PlainSelector.rougeL(one, other))
            .as("%s / %s", one, other)
            .isLessThanOrEqualTo(0.5);
      }
    }
  }

  @Test
  void noInstructionIsCloseToAPublishedSeed() throws IOException {
    List<String> published = Files.readAllLines(Fixtures.file("data/self_instruct_seed175.txt"));
    for (SeedTask seed : seeds) {
      for (String other : published) {
        assertThat(PlainSelector.rougeL(seed.instruction(), other))
            .as("%s / %s", seed.instruction(), other)
            .isLessThanOrEqualTo(0.7);
      }
    }
  }

  @Test
  void noInstanceBreaksTheRulesForGeneratedOnes() {
    for (SeedTask seed : seeds) {
      HashSet<String> inputs = new HashSet<>();
      for (InputOutput instance : seed.instances()) {
        assertThat(inputs.add(instance.input())).as("inputs differ in %s", seed.id()).isTrue();
        assertThat(instance.output())
            .as(seed.id())
            .isNotBlank()
            .isNotEqualTo(instance.input())
            .isEqualTo(instance.output().strip())
            .doesNotEndWith(":");
        assertThat(instance.input())
            .as(seed.id())
            .isEqualTo(instance.input().strip())
            .doesNotEndWith(":");
      }
    }
  }

  /** The heuristics know white space and ASCII; the few seeds in other scripts are not for them. */
  @Test
  void everyInstructionInLatinScriptPassesTheHeuristicsOfBothRecipes() {
    FilterChain alpaca = Filters.alpaca();
    List<SeedTask> latin =
        seeds.stream().filter(seed -> seed.instruction().codePointAt(0) < 128).toList();

    assertThat(latin).hasSizeGreaterThan(165);
    for (SeedTask seed : latin) {
      assertThat(alpaca.judge(Draft.parsed(0, "", seed.instruction(), null, null)))
          .as(seed.instruction())
          .isEqualTo(Verdict.keep());
    }
  }
}
