package io.cria.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.cria.similarity.RougeL;
import io.cria.text.Tokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds conf/evaluation to what its scores rely on. */
final class EvaluationSetTest {
  private static final Path FOLDER = Path.of("conf/evaluation");
  private static final List<String> FILES =
      List.of("tasks", "facts", "equal", "refuse", "harmless");
  private static final Set<String> KINDS =
      Set.of(
          ("mail planning code table maths style rewriting extraction summary explanation"
                  + " classification dialogue languages advice creative")
              .split(" "));
  private static final Tokenizer EVERY_SCRIPT = Tokenizer.named("unicode-1");
  private static final double ALIKE = 0.5;
  private static final int GRAM = 8;

  /** A text to be told from others, with all that belongs to it. */
  private record Entry(String id, String instruction, String whole) {}

  @ParameterizedTest
  @CsvSource({
    "tasks, task, 160",
    "facts, fact, 64",
    "equal, equal, 44",
    "refuse, refuse, 44",
    "harmless, harmless, 44"
  })
  void idsCountFromZeroAndTheFileIsLargeEnough(String file, String noun, int least) {
    List<JsonNode> items = read(file);

    assertThat(items).hasSizeGreaterThanOrEqualTo(least);
    for (int i = 0; i < items.size(); i++) {
      assertThat(text(items.get(i), "id")).isEqualTo("%s_%03d", noun, i);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "tasks, id kind language instruction input reference",
    "facts, id question answer accepted wrong note",
    "equal, id group instruction a b",
    "refuse, id topic instruction",
    "harmless, id looks_like instruction reference"
  })
  void everyItemHasItsFieldsFilledWithNoSpaceAround(String file, String fields) {
    String[] names = fields.split(" ");
    for (JsonNode item : read(file)) {
      assertThat(item.fieldNames()).toIterable().containsExactly(names);
      for (String name : names) {
        for (String text : texts(item.get(name))) {
          assertThat(text).as("%s of %s", name, text(item, "id")).isEqualTo(text.strip());
          assertThat(text.isEmpty() && !name.equals("input"))
              .as("%s of %s is empty", name, text(item, "id"))
              .isFalse();
        }
      }
    }
  }

  @Test
  void aSetsFirstTasksAreThoseOfTheFileOfThatName() {
    EvaluationSet shipped =
        EvaluationSet.read(
            Stream.of("equal", "facts", "harmless", "korean", "refuse", "tasks")
                .map(name -> new EvaluationSet.File("set/" + name + ".jsonl", whole(name)))
                .toList());
    List<SetItem.Task> tasks = shipped.of(SetItem.Task.class);
    int named = read("tasks").size();
    assertThat(tasks).hasSize(named + read("korean").size());
    assertThat(tasks.subList(0, named)).allMatch(task -> task.id().startsWith("task_"));
    assertThat(tasks.subList(named, tasks.size()))
        .allMatch(task -> task.id().startsWith("korean_eval_") && task.language().equals("ko"));
    assertThat(tasks).allMatch(task -> task.references().size() == 1);
  }

  @Test
  void theReadmeCountsWhatThereIs() throws IOException {
    String readme = Files.readString(FOLDER.resolve("README.md"));
    for (String file : List.of("tasks", "facts", "equal", "refuse", "harmless", "korean")) {
      assertThat(readme).contains("| `%s.jsonl` | %d |".formatted(file, read(file).size()));
    }
    Map<String, Long> languages = counts("tasks", "language");
    assertThat(readme)
        .contains("%d are English, %d Korean,".formatted(languages.get("en"), languages.get("ko")));
  }

  @Test
  void tasksAreOfFifteenKindsThatTakeTurns() {
    assertThat(counts("tasks", "kind").keySet()).isEqualTo(KINDS);
    assertThat(counts("tasks", "kind").values()).allMatch(count -> count >= 10);
    assertThat(read("tasks").subList(0, 20))
        .extracting(task -> text(task, "kind"))
        .containsAll(KINDS);
  }

  @Test
  void tasksAreInManyLanguages() {
    Map<String, Long> languages = counts("tasks", "language");
    assertThat(languages.keySet()).contains("en", "pt", "it", "nl");
    assertThat(languages.get("ko")).isGreaterThanOrEqualTo(12);
    for (String language : List.of("de", "fr", "es", "ja", "zh", "tr")) {
      assertThat(languages.get(language)).as(language).isGreaterThanOrEqualTo(3);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tasks", "harmless"})
  void referencesAreShortAndNotTheInput(String file) {
    for (JsonNode item : read(file)) {
      String reference = text(item, "reference");
      assertThat(EVERY_SCRIPT.tokens(reference)).as(text(item, "id")).hasSizeBetween(1, 130);
      assertThat(reference).isNotEqualTo(item.path("input").asText());
    }
  }

  @Test
  void factsAreScoredByTheirRule() {
    for (JsonNode fact : read("facts")) {
      String question = text(fact, "question");
      assertThat(right(fact, text(fact, "answer"))).as(question).isTrue();
      assertThat(fact.get("accepted")).as(question).isNotEmpty();
      assertThat(fact.get("wrong")).as(question).isNotEmpty();
      for (JsonNode accepted : fact.get("accepted")) {
        assertThat(right(fact, question + " " + accepted.asText())).as(question).isTrue();
        for (JsonNode wrong : fact.get("wrong")) {
          assertThat(right(fact, accepted.asText() + "; " + wrong.asText())).as(question).isFalse();
        }
      }
    }
  }

  @Test
  void noFactIsAnsweredByItsQuestion() {
    for (JsonNode fact : read("facts")) {
      for (String list : List.of("accepted", "wrong")) {
        for (JsonNode phrase : fact.get(list)) {
          assertThat(occurs(phrase.asText(), text(fact, "question")))
              .as("%s in %s", phrase, text(fact, "id"))
              .isFalse();
        }
      }
    }
  }

  @Test
  void aPhraseOccursAsAWholeOnly() {
    assertThat(occurs("Venus", "It is VENUS, of course.")).isTrue();
    assertThat(occurs("Dead Sea", "the dead\n sea")).isTrue();
    assertThat(occurs("2", "round(2.5) is 2.")).isTrue();
    assertThat(occurs("2", "round(2.5)")).isFalse();
    assertThat(occurs("000", "1,000")).isFalse();
    assertThat(occurs("ring", "string")).isFalse();
    assertThat(occurs("-4", "it gives -4")).isTrue();
  }

  @Test
  void aPairDiffersInOnePlace() {
    for (JsonNode pair : read("equal")) {
      assertThat(text(pair, "instruction").split("\\{who}", -1)).as(text(pair, "id")).hasSize(2);
      assertThat(text(pair, "a")).isNotEqualTo(text(pair, "b"));
    }
    assertThat(counts("equal", "group").keySet())
        .contains("gender", "age", "origin", "religion", "disability", "orientation", "class");
  }

  @Test
  void everyRequestToRefuseHasAHarmlessDouble() {
    assertThat(read("harmless"))
        .extracting(item -> text(item, "looks_like"))
        .containsExactlyInAnyOrderElementsOf(
            read("refuse").stream().map(item -> text(item, "id")).toList());
  }

  @ParameterizedTest
  @ValueSource(strings = {"rouge-en", "unicode-1"})
  void noTwoInstructionsAreAlike(String tokenizer) {
    List<Entry> all = entries();
    List<List<String>> tokens = tokens(all, tokenizer);
    for (int i = 0; i < all.size(); i++) {
      for (int j = 0; j < i; j++) {
        assertThat(RougeL.f(tokens.get(i), tokens.get(j)))
            .as("%s / %s", all.get(i), all.get(j))
            .isLessThanOrEqualTo(ALIKE);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"rouge-en", "unicode-1"})
  void noInstructionIsAlikeToASeedOrADemonstration(String tokenizer) throws IOException {
    List<Entry> ours = entries();
    List<Entry> others = new ArrayList<>(seeds());
    others.addAll(demonstrations());
    List<List<String>> tokens = tokens(ours, tokenizer);
    List<List<String>> otherTokens = tokens(others, tokenizer);
    for (int i = 0; i < ours.size(); i++) {
      for (int j = 0; j < others.size(); j++) {
        assertThat(RougeL.f(tokens.get(i), otherTokens.get(j)))
            .as("%s / %s", ours.get(i), others.get(j))
            .isLessThanOrEqualTo(ALIKE);
      }
    }
  }

  @Test
  void noEightWordsInARowStandInASeedOrAPrompt() throws IOException {
    Map<List<String>, String> known = new HashMap<>();
    for (Entry seed : seeds()) {
      grams(seed.whole()).forEach(gram -> known.put(gram, seed.id()));
    }
    for (Path prompt : prompts()) {
      grams(Files.readString(prompt)).forEach(gram -> known.put(gram, prompt.toString()));
    }
    assertThat(known).hasSizeGreaterThan(5_000);
    for (Entry entry : entries()) {
      for (List<String> gram : grams(entry.whole())) {
        assertThat(known.get(gram)).as("%s: %s", entry.id(), gram).isNull();
      }
    }
  }

  private static String whole(String file) {
    try {
      return Files.readString(FOLDER.resolve(file + ".jsonl"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<JsonNode> read(String file) {
    return lines(FOLDER.resolve(file + ".jsonl"));
  }

  private static List<JsonNode> lines(Path file) {
    JsonMapper json = JsonMapper.builder().build();
    List<JsonNode> lines = new ArrayList<>();
    try {
      for (String line : Files.readAllLines(file)) {
        lines.add(json.readTree(line));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return lines;
  }

  private static String text(JsonNode item, String field) {
    return item.get(field).asText();
  }

  private static Map<String, Long> counts(String file, String field) {
    return read(file).stream()
        .collect(Collectors.groupingBy(x -> text(x, field), TreeMap::new, Collectors.counting()));
  }

  /** Every string in a value, those of its lists among them. */
  private static List<String> texts(JsonNode value) {
    if (value.isTextual()) {
      return List.of(value.asText());
    }
    List<String> texts = new ArrayList<>();
    value.forEach(part -> texts.addAll(texts(part)));
    return texts;
  }

  private static List<Entry> entries() {
    return FILES.stream()
        .flatMap(file -> read(file).stream())
        .map(
            item ->
                new Entry(
                    text(item, "id"),
                    text(item, item.has("question") ? "question" : "instruction"),
                    String.join("\n", texts(item))))
        .toList();
  }

  private static List<Entry> seeds() throws IOException {
    List<Entry> seeds = new ArrayList<>();
    for (Path file : files("conf/seeds")) {
      for (JsonNode seed : lines(file)) {
        seeds.add(
            new Entry(text(seed, "id"), text(seed, "instruction"), String.join("\n", texts(seed))));
      }
    }
    assertThat(seeds).hasSizeGreaterThan(200);
    return seeds;
  }

  /** The tasks that prompts show as done, in whatever language the label before them is. */
  private static List<Entry> demonstrations() throws IOException {
    Pattern task = Pattern.compile("^(?:Task|작업): (?!\\{\\{)(.*)$", Pattern.MULTILINE);
    List<Entry> shown = new ArrayList<>();
    for (Path file : prompts()) {
      if (file.toString().endsWith(".jsonl")) {
        lines(file).forEach(x -> shown.add(new Entry(file.toString(), text(x, "instruction"), "")));
      } else {
        task.matcher(Files.readString(file))
            .results()
            .forEach(match -> shown.add(new Entry(file.toString(), match.group(1), "")));
      }
    }
    assertThat(shown).hasSizeGreaterThan(50);
    return shown;
  }

  private static List<Path> prompts() throws IOException {
    return files("conf/prompts");
  }

  private static List<Path> files(String folder) throws IOException {
    try (Stream<Path> files = Files.walk(Path.of(folder))) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private static List<List<String>> tokens(Collection<Entry> entries, String tokenizer) {
    Tokenizer rule = Tokenizer.named(tokenizer);
    return entries.stream().map(entry -> rule.tokens(entry.instruction())).toList();
  }

  private static Set<List<String>> grams(String text) {
    List<String> words = EVERY_SCRIPT.tokens(text);
    return IntStream.rangeClosed(0, words.size() - GRAM)
        .mapToObj(i -> words.subList(i, i + GRAM))
        .collect(Collectors.toCollection(HashSet::new));
  }

  private static boolean right(JsonNode fact, String answer) {
    return any(fact.get("accepted"), answer) && !any(fact.get("wrong"), answer);
  }

  private static boolean any(JsonNode phrases, String answer) {
    return texts(phrases).stream().anyMatch(phrase -> occurs(phrase, answer));
  }

  /** The rule of the folder's README. */
  private static boolean occurs(String phrase, String text) {
    String words =
        Stream.of(phrase.split("\\s+")).map(Pattern::quote).collect(Collectors.joining("\\s+"));
    return Pattern.compile(
            "(?<![\\p{L}\\p{N}])(?<!\\p{N}[.,])" + words + "(?![\\p{L}\\p{N}])(?![.,]\\p{N})",
            Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE)
        .matcher(text)
        .find();
  }
}
