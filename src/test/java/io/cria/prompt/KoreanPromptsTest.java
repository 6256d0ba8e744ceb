package io.cria.prompt;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.config.RunConfig;
import io.cria.parse.CandidateParser;
import io.cria.parse.InstanceParser;
import io.cria.seed.SeedFile;
import io.cria.storage.Location;
import io.cria.task.Completion;
import io.cria.task.Draft;
import io.cria.task.InstanceDraft;
import io.cria.task.Labels;
import io.cria.task.SeedTask;
import io.cria.task.SeededRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The Korean recipes: what their prompts show is what their parsers read, in their own words. */
class KoreanPromptsTest {
  private static final List<SeedTask> SEEDS = SeedFile.read(at("seeds/korean_tasks.jsonl"));
  private static final PromptFiles FILES = Prompts.shipped("korean");
  private static final RunConfig CONFIG = config("korean");
  private static final Labels LABELS = CONFIG.words();

  private static Location at(String name) {
    return Location.of("conf/" + name, new Configuration());
  }

  private static RunConfig config(String recipe) {
    String name = recipe + ".yaml";
    return RunConfig.parse(at(name).text("a recipe"), name, Map.of());
  }

  private static Completion stop(String text) {
    return new Completion(text, "stop");
  }

  @ParameterizedTest
  @ValueSource(strings = {"korean", "korean-alpaca"})
  void aSystemMessageAsksToGoOn(String recipe) {
    assertThat(Prompts.shipped(recipe).systemMessage()).contains("이어 쓰되").doesNotEndWith("\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"korean", "korean-alpaca"})
  void noStopTextStandsInADemonstration(String recipe) {
    RunConfig config = config(recipe);
    RoundPrompt prompt =
        RoundPrompt.named(
            config.generate().prompt(), false, Prompts.shipped(recipe), SEEDS, config.words());
    for (int row = 0; row < 100; row++) {
      String text = prompt.build(List.of(), SeededRandom.of(1, "generate", 0, row)).text();
      String shown = text.substring(text.indexOf(recipe.equals("korean") ? "\n1. " : "###"));
      for (String stop : config.generate().decoding().stop()) {
        assertThat(recipe.equals("korean") ? shown : shown.replace("\n\n", "\n"))
            .doesNotContain(stop);
      }
    }
  }

  @Test
  void theListOfARoundParsesBackToItsDemonstrations() {
    Map<String, SeedTask> byId =
        SEEDS.stream().collect(Collectors.toMap(SeedTask::id, Function.identity()));
    for (boolean classificationOnly : new boolean[] {false, true}) {
      RoundPrompt prompt =
          RoundPrompt.named("self-instruct", classificationOnly, FILES, SEEDS, LABELS);
      for (int row = 0; row < 50; row++) {
        BuiltPrompt built = prompt.build(List.of(), SeededRandom.of(1, "generate", 0, row));
        assertThat(built.text()).matches("(?s)아래는 [^\n]*\\.\n1\\. .*\n8\\. [^\n]*\n9\\.");
        String list =
            built
                .text()
                .substring(built.text().indexOf("\n1. ") + 3, built.text().lastIndexOf('\n'));
        assertThat(CandidateParser.named("lenient-list", LABELS).parse(stop(list), 0))
            .extracting(Draft::instruction)
            .containsExactlyElementsOf(
                built.demonstrationIds().stream()
                    .map(id -> Objects.requireNonNull(byId.get(id)).instruction())
                    .map(NumberedTasks::oneLine)
                    .toList());
      }
    }
  }

  @Test
  void theBlocksOfAWholeRequestParseBackToTheirSeeds() {
    Labels labels = config("korean-alpaca").words();
    Map<String, SeedTask> byId =
        SEEDS.stream().collect(Collectors.toMap(SeedTask::id, Function.identity()));
    RoundPrompt prompt =
        RoundPrompt.named("alpaca", false, Prompts.shipped("korean-alpaca"), SEEDS, labels);
    String opening = "###\n1. 작업:";
    for (int row = 0; row < 150; row++) {
      BuiltPrompt built = prompt.build(List.of(), SeededRandom.of(1, "generate", 0, row));
      String text = built.text();
      assertThat(text).endsWith("\n###\n4. 작업:").contains("작업 20개");
      String answer =
          text.substring(text.indexOf(opening) + opening.length(), text.lastIndexOf("###"));
      List<Draft> drafts = CandidateParser.named("lenient-blocks", labels).parse(stop(answer), 0);
      assertThat(drafts)
          .extracting(draft -> draft.instruction() + "|" + draft.input() + "|" + draft.output())
          .containsExactlyElementsOf(
              built.demonstrationIds().stream()
                  .map(id -> Objects.requireNonNull(byId.get(id)))
                  .map(
                      seed ->
                          NumberedTasks.oneLine(seed.instruction())
                              + "|"
                              + seed.instances().get(0).input().strip()
                              + "|"
                              + seed.instances().get(0).output().strip())
                  .toList());
    }
  }

  @Test
  void theClassificationQuestionIsAnsweredInKorean() {
    assertThat(ClassificationPrompt.of(FILES, LABELS).build("양을 세어라.").text())
        .contains("\n분류 작업입니까? 예\n\n작업: ", "\n분류 작업입니까? 아니요\n\n작업: ")
        .doesNotContain("Yes", "No")
        .endsWith("\n\n작업: 양을 세어라.\n분류 작업입니까?");
  }

  @Test
  void theDemonstrationsOfInstancesParseBackWhole() {
    for (boolean isClassification : new boolean[] {false, true}) {
      String file = isClassification ? "instances-output-first.txt" : "instances-input-first.txt";
      String label = isClassification ? "분류 라벨: " : "예시 ";
      String[] parts = FILES.text(file).split("\n\n작업: ");
      assertThat(parts).hasSizeGreaterThanOrEqualTo(12).endsWith("{{instruction}}\n");
      for (String part : Arrays.copyOfRange(parts, 1, parts.length - 1)) {
        int lineEnd = part.indexOf('\n');
        String answer = part.substring(lineEnd + 1);
        List<InstanceDraft> drafts =
            InstanceParser.named("lenient-instances", LABELS)
                .parse(part.substring(0, lineEnd), isClassification, stop(answer));
        long count = answer.lines().filter(line -> line.startsWith(label)).count();
        assertThat(drafts)
            .as(part)
            .hasSize((int) Math.max(1, count))
            .allSatisfy(draft -> assertThat(draft.reason()).isNull())
            .allSatisfy(draft -> assertThat(draft.input()).doesNotContain("입력 ", "입력:"));
        assertThat(answer).doesNotContain("작업:", "예시 6");
      }
    }
    assertThat(InstancePrompt.named("self-instruct", FILES).build(" 골라라.\n", true).text())
        .endsWith("\n\n작업: 골라라.\n");
  }

  @Test
  void everySeedPassesTheRecipesOwnFilters() {
    for (String recipe : List.of("korean", "korean-alpaca")) {
      List<String> rejected =
          SEEDS.stream()
              .flatMap(seed -> rejected(recipe, seed))
              .filter(line -> !line.endsWith("korean_keyword"))
              .toList();
      assertThat(rejected).as(recipe).isEmpty();
    }
  }

  private static Stream<String> rejected(String recipe, SeedTask seed) {
    var first = seed.instances().get(0);
    return Stream.ofNullable(
            io.cria.stage.Candidates.chain(config(recipe).generate().filters())
                .judge(Draft.parsed(0, "", seed.instruction(), first.input(), first.output()))
                .reason())
        .map(reason -> seed.name() + " " + reason);
  }

  @Test
  void layoutsForTuningAreInKorean() {
    FineTuningEncoding encoding = FineTuningEncoding.named("random", "", LABELS);
    List<String> prompts =
        Stream.iterate(0, i -> i + 1)
            .limit(200)
            .map(i -> encoding.encode("세어라", "가 나", "2", new SeededRandom(i)).prompt())
            .distinct()
            .toList();
    assertThat(prompts)
        .hasSize(7)
        .contains("세어라\n입력: 가 나\n출력:", "작업: 세어라\n\n가 나\n\n")
        .noneMatch(prompt -> prompt.matches("(?s).*[A-Za-z].*"));
  }
}
