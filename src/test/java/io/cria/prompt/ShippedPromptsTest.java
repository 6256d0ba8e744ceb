package io.cria.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.cria.parse.CandidateParser;
import io.cria.parse.InstanceParser;
import io.cria.task.Completion;
import io.cria.task.Draft;
import io.cria.task.InputOutput;
import io.cria.task.InstanceDraft;
import io.cria.task.Labels;
import io.cria.task.SeedTask;
import io.cria.task.SeededRandom;
import io.cria.testing.Fixtures;
import io.cria.text.PythonCase;
import io.cria.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The prompt files of conf/prompts: they load, and what they show is what the parsers read. */
class ShippedPromptsTest {
  private static final PromptFiles SELF_INSTRUCT = Prompts.shipped("self-instruct");

  private static List<SeedTask> seeds(String file) throws IOException {
    List<SeedTask> seeds = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of("conf/seeds", file))) {
      JsonNode json = JsonMapper.builder().build().readTree(line);
      List<InputOutput> instances = new ArrayList<>();
      for (JsonNode instance : json.get("instances")) {
        instances.add(
            new InputOutput(instance.get("input").asText(), instance.get("output").asText()));
      }
      seeds.add(
          new SeedTask(
              json.get("id").asText(),
              json.get("name").asText(),
              json.get("instruction").asText(),
              instances,
              json.get("is_classification").asBoolean()));
    }
    return seeds;
  }

  @ParameterizedTest
  @ValueSource(strings = {"self-instruct", "alpaca", "quickstart"})
  void everyRecipeHasASystemMessageWithoutSlots(String recipe) {
    assertThat(Prompts.shipped(recipe).systemMessage())
        .contains("Go on with it from the very point where it ends")
        .doesNotEndWith("\n");
  }

  @Test
  void theRoundPromptsEndInTheOpenNumber() throws IOException {
    List<SeedTask> seeds = seeds("seed_tasks.jsonl");

    assertThat(
            SelfInstructPrompt.general(SELF_INSTRUCT, seeds)
                .build(Prompts.machine(5), new SeededRandom(1))
                .text())
        .matches("(?s)[A-Z][^\n]*\\.\n1\\. .*\n8\\. [^\n]*\n9\\.")
        .doesNotContain("{{");
    assertThat(
            SelfInstructPrompt.classificationOnly(SELF_INSTRUCT, seeds)
                .build(List.of(), new SeededRandom(1))
                .text())
        .matches("(?s)[A-Z][^\n]*classification[^\n]*\\.\n1\\. .*\n8\\. [^\n]*\n9\\.");
  }

  @Test
  void theListOfARoundParsesBackToItsDemonstrations() throws IOException {
    Map<String, SeedTask> byId =
        seeds("seed_tasks.jsonl").stream()
            .collect(Collectors.toMap(SeedTask::id, Function.identity()));
    SelfInstructPrompt prompt =
        SelfInstructPrompt.general(SELF_INSTRUCT, List.copyOf(byId.values()));
    for (int row = 0; row < 50; row++) {
      BuiltPrompt built = prompt.build(List.of(), SeededRandom.of(1, "generate", 0, row));
      String list =
          built.text().substring(built.text().indexOf("\n1. ") + 3, built.text().lastIndexOf('\n'));

      List<Draft> drafts =
          CandidateParser.named("numbered-list").parse(new Completion(list, "stop"), 8);

      assertThat(drafts)
          .extracting(Draft::instruction)
          .containsExactlyElementsOf(
              built.demonstrationIds().stream()
                  .map(
                      id ->
                          NumberedTasks.oneLine(Objects.requireNonNull(byId.get(id)).instruction()))
                  .map(PythonCase::capitalize)
                  .toList());
    }
  }

  @Test
  void theBlocksOfAnAlpacaRequestParseBackToTheirSeeds() throws IOException {
    List<SeedTask> seeds = seeds("seed_tasks.jsonl");
    Map<String, SeedTask> byId =
        seeds.stream().collect(Collectors.toMap(SeedTask::id, Function.identity()));
    AlpacaPrompt prompt = AlpacaPrompt.of(Prompts.shipped("alpaca"), seeds, Labels.ENGLISH);
    for (int row = 0; row < 100; row++) {
      BuiltPrompt built = prompt.build(List.of(), SeededRandom.of(1, "generate", 0, row));
      assertThat(built.text()).endsWith("\n###\n4. Instruction:").contains("20 tasks");
      String answer =
          built
              .text()
              .substring(
                  built.text().indexOf("###\n1. Instruction:") + "###\n1. Instruction:".length(),
                  built.text().lastIndexOf("###"));

      List<Draft> drafts =
          CandidateParser.named("alpaca-blocks").parse(new Completion(answer, "stop"), 0);

      assertThat(drafts).extracting(Draft::failure).containsOnlyNulls();
      assertThat(drafts)
          .extracting(Draft::instruction, Draft::input, Draft::output)
          .containsExactlyElementsOf(
              built.demonstrationIds().stream()
                  .map(byId::get)
                  .map(
                      seed ->
                          tuple(
                              NumberedTasks.oneLine(seed.instruction()),
                              seed.instances().get(0).input().strip(),
                              seed.instances().get(0).output().strip()))
                  .toList());
    }
  }

  @Test
  void theClassificationQuestionHasTwelveAndNineteenDemonstrations() {
    List<ClassificationPrompt.Demonstration> demonstrations = demonstrations();

    assertThat(demonstrations).filteredOn(d -> d.isClassification()).hasSize(12);
    assertThat(demonstrations).filteredOn(d -> !d.isClassification()).hasSize(19);
    assertNoPairAbove(
        0.5, demonstrations.stream().map(ClassificationPrompt.Demonstration::instruction).toList());
    assertThat(
            ClassificationPrompt.of(SELF_INSTRUCT, Labels.ENGLISH).build("Count the sheep.").text())
        .contains("\n\nTask: Is the given number prime? Answer yes or no.\n")
        .contains("yes or no.\nIs this a classification task? Yes\n\nTask: ")
        .endsWith("\n\nTask: Count the sheep.\nIs this a classification task?");
  }

  @Test
  void noDemonstrationIsASeed() throws IOException {
    List<String> shown =
        new ArrayList<>(
            demonstrations().stream()
                .map(ClassificationPrompt.Demonstration::instruction)
                .toList());
    shown.addAll(sections("instances-input-first.txt").stream().map(Section::task).toList());
    shown.addAll(sections("instances-output-first.txt").stream().map(Section::task).toList());

    for (SeedTask seed : seeds("seed_tasks.jsonl")) {
      for (String text : shown) {
        assertThat(rougeL(text, seed.instruction())).as("%s / %s", text, seed.id()).isLessThan(0.7);
      }
    }
  }

  @Test
  void noDemonstrationIsAPublishedSeed() throws IOException {
    List<String> published = Files.readAllLines(Fixtures.file("data/self_instruct_seed175.txt"));
    List<String> shown =
        new ArrayList<>(
            demonstrations().stream()
                .map(ClassificationPrompt.Demonstration::instruction)
                .toList());
    seeds("quickstart_tasks.jsonl").forEach(seed -> shown.add(seed.instruction()));

    for (String text : shown) {
      assertThat(published).allSatisfy(seed -> assertThat(rougeL(text, seed)).isLessThan(0.7));
    }
  }

  @Test
  void theInputFirstDemonstrationsParseBackWhole() {
    List<Section> sections = sections("instances-input-first.txt");

    assertThat(sections).hasSizeGreaterThanOrEqualTo(10);
    assertThat(sections).extracting(Section::task).doesNotHaveDuplicates();
    for (Section section : sections) {
      List<InstanceDraft> drafts = parsed(section, false);
      long examples = section.answer().lines().filter(l -> l.matches("Example \\d")).count();
      assertThat(drafts).as(section.task()).hasSize((int) Math.max(1, examples));
      assertThat(drafts)
          .allSatisfy(
              draft -> {
                assertThat(draft.reason()).isNull();
                assertThat(draft.input().isEmpty()).isEqualTo(examples == 0);
                assertThat(draft.input()).doesNotContain("Input");
                assertThat(draft.output()).doesNotContain("Output");
              });
      assertThat(section.answer()).doesNotContain("Task:").doesNotContain("Example 6");
    }
    assertThat(parsed(byTask(sections, "Solve the equation"), false))
        .extracting(InstanceDraft::input, InstanceDraft::output)
        .startsWith(tuple("4x - 7 = 13", "4x = 20, so x = 5"));
    assertThat(parsed(byTask(sections, "Write a Python function"), false).get(0).output())
        .startsWith("def second_largest(numbers):\n    different =")
        .endsWith("return different[-2]");
    assertThat(parsed(byTask(sections, "How many minutes"), false).get(0).output())
        .isEqualTo("3.5 days × 24 hours × 60 minutes = 5,040 minutes.");
  }

  @Test
  void theOutputFirstDemonstrationsParseBackWhole() {
    List<Section> sections = sections("instances-output-first.txt");

    assertThat(sections).hasSizeGreaterThanOrEqualTo(10);
    assertThat(sections).extracting(Section::task).doesNotHaveDuplicates();
    for (Section section : sections) {
      List<InstanceDraft> drafts = parsed(section, true);
      long labels = section.answer().lines().filter(l -> l.startsWith("Class label: ")).count();
      assertThat(drafts)
          .as(section.task())
          .hasSize((int) labels)
          .allSatisfy(draft -> assertThat(draft.reason()).isNull());
      assertThat(section.answer())
          .startsWith("Class label: ")
          .doesNotContain("Task:")
          .doesNotContain("Example");
    }
    assertThat(parsed(byTask(sections, "Which of these animals"), true))
        .extracting(InstanceDraft::input, InstanceDraft::output)
        .containsExactly(tuple("", "(c)"));
    assertThat(parsed(byTask(sections, "Determine from the lengths"), true))
        .extracting(InstanceDraft::input, InstanceDraft::output)
        .contains(tuple("Sides: 7 cm, 7 cm, 2 cm", "isosceles"));
  }

  @Test
  void theInstancePromptsEndAfterTheTask() {
    InstancePrompt prompt = InstancePrompt.named("self-instruct", SELF_INSTRUCT);

    assertThat(prompt.build(" Sort it.\n", false).text())
        .startsWith("Each task below")
        .endsWith("\n\nTask: Sort it.\n");
    assertThat(prompt.build("Is it odd?", true).text())
        .startsWith("The answer to each task")
        .endsWith("\n\nTask: Is it odd?\n");
  }

  @Test
  void theQuickstartShowsShortTasksThatStandWithoutAnInput() throws IOException {
    List<SeedTask> seeds = seeds("quickstart_tasks.jsonl");
    QuickstartPrompt prompt = QuickstartPrompt.of(Prompts.shipped("quickstart"), seeds);

    assertThat(seeds).hasSizeGreaterThanOrEqualTo(40).allMatch(QuickstartPrompt::suits);
    assertThat(seeds).extracting(SeedTask::id).doesNotHaveDuplicates();
    assertThat(seeds)
        .flatExtracting(SeedTask::instances)
        .extracting(InputOutput::output)
        .doesNotContain("");
    assertNoPairAbove(0.5, seeds.stream().map(SeedTask::instruction).toList());
    BuiltPrompt task = prompt.build(Prompts.machine(3), new SeededRandom(3));
    assertThat(task.text()).matches("(?s)[A-Z][^\n]*\\.\n1\\. .*\n8\\. [^\n]*\n9\\.");
    assertThat(task.demonstrationIds()).hasSize(8).doesNotHaveDuplicates();
    assertThat(task.openNumber()).isEqualTo(9);
  }

  @Test
  void theQuickstartAsksForAnOutputAfterThreeParagraphs() {
    InstancePrompt prompt = InstancePrompt.named("quickstart", Prompts.shipped("quickstart"));

    String text = prompt.build("Name a bird:\n ", true).text();

    assertThat(text).endsWith("\n\nTask: Name a bird\nOutput:");
    String[] paragraphs = text.split("\n\n");
    assertThat(paragraphs).hasSize(4);
    assertThat(Arrays.copyOf(paragraphs, 3))
        .allMatch(p -> p.matches("Task: [^\n]+\nOutput: [^\n]+"));
  }

  @Test
  void theQuickstartFallsBackToAllSeedsWhereTooFewSuit() {
    List<SeedTask> seeds =
        IntStream.range(0, 8)
            .mapToObj(i -> Prompts.seed("s" + i, "Sort it", true, new InputOutput("x", "y")))
            .toList();

    assertThat(
            QuickstartPrompt.of(Prompts.shipped("quickstart"), seeds)
                .build(List.of(), new SeededRandom(1))
                .demonstrationIds())
        .hasSize(8);
  }

  private static List<ClassificationPrompt.Demonstration> demonstrations() {
    String file = "classification-demonstrations.jsonl";
    return ClassificationPrompt.demonstrations(file, SELF_INSTRUCT.text(file));
  }

  /** A demonstration of an instance prompt: the task, and what a model would have answered. */
  private record Section(String task, String answer) {}

  private static List<Section> sections(String file) {
    String[] parts = SELF_INSTRUCT.text(file).split("\n\nTask: ");
    List<Section> sections = new ArrayList<>();
    for (String part : Arrays.copyOfRange(parts, 1, parts.length - 1)) {
      int lineEnd = part.indexOf('\n');
      sections.add(new Section(part.substring(0, lineEnd), part.substring(lineEnd + 1)));
    }
    assertThat(parts[parts.length - 1]).isEqualTo("{{instruction}}\n");
    return sections;
  }

  private static Section byTask(List<Section> sections, String start) {
    return sections.stream().filter(s -> s.task().startsWith(start)).findFirst().orElseThrow();
  }

  private static List<InstanceDraft> parsed(Section section, boolean isClassification) {
    return InstanceParser.named("self-instruct")
        .parse(section.task(), isClassification, new Completion(section.answer(), "stop"));
  }

  private static void assertNoPairAbove(double limit, List<String> texts) {
    for (int i = 0; i < texts.size(); i++) {
      for (int j = 0; j < i; j++) {
        assertThat(rougeL(texts.get(i), texts.get(j)))
            .as("%s / %s", texts.get(i), texts.get(j))
            .isLessThanOrEqualTo(limit);
      }
    }
  }

  /** ROUGE-L F by the textbook table. */
  private static double rougeL(String a, String b) {
    List<String> x = Tokenizer.named("rouge-en").tokens(a);
    List<String> y = Tokenizer.named("rouge-en").tokens(b);
    int[][] lcs = new int[x.size() + 1][y.size() + 1];
    for (int i = 1; i <= x.size(); i++) {
      for (int j = 1; j <= y.size(); j++) {
        lcs[i][j] =
            x.get(i - 1).equals(y.get(j - 1))
                ? lcs[i - 1][j - 1] + 1
                : Math.max(lcs[i - 1][j], lcs[i][j - 1]);
      }
    }
    int total = x.size() + y.size();
    return total == 0 ? 0 : 2.0 * lcs[x.size()][y.size()] / total;
  }
}
