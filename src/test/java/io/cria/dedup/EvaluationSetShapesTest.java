package io.cria.dedup;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.similarity.Contamination;
import io.cria.similarity.EvaluationItem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Evaluation sets in the shapes they come in, and what Cria ships against its own. */
class EvaluationSetShapesTest {
  private static final Path CONF = Path.of(System.getProperty("cria.home", "."), "conf");

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"id\": \"t1\", \"instruction\": \"I\", \"input\": \"in\", \"reference\": \"R\"} | t1,I,in,R",
        "{\"instruction\": \"I\", \"input\": \"\", \"output\": \"O\"} | FILE:1,I,,O",
        "{\"id\": 12, \"question\": \"Q\", \"answer\": 42} | 12,Q,,42",
        "{\"task_id\": \"HE/0\", \"prompt\": \"P\", \"completion\": \"C\"} | HE/0,P,,C",
        "{\"question_id\": 81, \"prompt\": [\"One\", \"Two\"], \"reference\": [\"A\", \"B\"]} |"
            + " 81,One~Two,,A~B",
        "{\"messages\": [{\"role\": \"system\", \"content\": \"S\"}, {\"role\": \"user\","
            + " \"content\": \"U\"}, {\"role\": \"assistant\", \"content\": \"A\"}, {\"role\":"
            + " \"user\", \"content\": [{\"type\": \"text\", \"text\": \"V\"}]}]} |"
            + " FILE:1,U~V,,A",
        "{\"id\": \"e\", \"instruction\": \"Praise {who}.\", \"a\": \"him\", \"b\": \"her\"} |"
            + " e,Praise him.,, ; e,Praise her.,,",
        "{\"id\": \"s\", \"instruction\": \"I\", \"instances\": [{\"input\": \"x\", \"output\":"
            + " \"y\"}, {\"input\": \"\", \"output\": \"z\"}]} | s,I,x,y ; s,I,,z",
        "{\"instruction\": \"I\", \"input\": null} | FILE:1,I,,"
      })
  void everyShapeGivesItsItems(String line, String items) throws IOException {
    Path file = Files.writeString(folder.resolve("set.jsonl"), line + "\n");
    assertThat(String.join(" ; ", read(file).stream().map(EvaluationSetShapesTest::shown).toList()))
        .isEqualTo(items.replace("FILE", file.toString()));
  }

  @Test
  void aFolderStandsForItsFilesOfLinesByNameAndOthersAreTold() throws IOException {
    Path set = Files.createDirectories(folder.resolve("set"));
    Files.writeString(set.resolve("b.jsonl"), "\uFEFF{\"prompt\": \"three\"}\r\n");
    Files.writeString(set.resolve("a.jsonl"), "{\"prompt\": \"one\"}\n\n{\"prompt\": \"two\"}");
    Path array = Files.writeString(set.resolve("c.json"), "[{\"prompt\": \"four\"}]");
    Files.writeString(set.resolve("README.md"), "no set");
    EvaluationItems read = EvaluationItems.read(List.of(set.toString()), new Configuration());
    assertThat(read.items())
        .extracting(EvaluationItem::instruction)
        .containsExactly("one", "two", "three");
    assertThat(read.places()).extracting(EvaluationItems.Place::row).containsExactly(0L, 1L, 0L);
    assertThat(read.passedOver()).containsExactly(array.toString());
    assertThat(read(array)).extracting(EvaluationItem::name).containsExactly(array + "[0]");
  }

  @Test
  void severalReferencesAreJoined() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("several.jsonl"),
            "{\"instruction\": \"I\", \"references\": [\"A\", \"B\"]}");
    assertThat(read(file)).extracting(EvaluationItem::reference).containsExactly("A\nB");
  }

  @Test
  void theShippedSetIsSeenWholeByTheTokenizerOfEveryScript() {
    EvaluationItems shipped = shipped();
    assertThat(shipped.items()).hasSizeGreaterThan(500);
    assertThat(shipped.requireTokens("unicode-1")).isZero();
    assertThat(shipped.requireTokens("rouge-en")).isBetween(60L, 150L);
  }

  @ParameterizedTest
  @ValueSource(strings = {"unicode-1", "rouge-en"})
  void shippedSeedsAndDemonstrationsAreCleanOfTheShippedSet(String tokenizer) throws IOException {
    Contamination contamination =
        new Contamination(new Contamination.Rules(tokenizer, 0.7, 8), shipped().items());
    List<Contamination.Text> texts = new ArrayList<>();
    for (Path seeds : files("seeds")) {
      for (EvaluationItem seed : read(seeds)) {
        texts.add(new Contamination.Text(seed.instruction(), seed.input(), seed.reference()));
      }
    }
    int seeds = texts.size();
    for (Path prompt : files("prompts")) {
      Files.readString(prompt)
          .lines()
          .map(line -> Pattern.compile("^(Task|작업|\\d+\\.) *:? *").matcher(line).replaceFirst(""))
          .filter(line -> !line.isBlank())
          .forEach(line -> texts.add(new Contamination.Text(line, "", "")));
    }
    assertThat(seeds).isGreaterThan(300);
    assertThat(texts).hasSizeGreaterThan(seeds + 300);
    List<List<Contamination.Near>> judged = contamination.judge(texts);
    for (int i = 0; i < texts.size(); i++) {
      if (!Contamination.isSeen(tokenizer, texts.get(i).instruction())) {
        continue; // Korean without its letters is but a few digits
      }
      assertThat(judged.get(i)).as("%s", texts.get(i)).isEmpty();
    }
  }

  private static EvaluationItems shipped() {
    return EvaluationItems.read(
        List.of(CONF.resolve("evaluation").toString()), new Configuration());
  }

  private static List<EvaluationItem> read(Path file) {
    return EvaluationItems.read(List.of(file.toString()), new Configuration()).items();
  }

  private static String shown(EvaluationItem item) {
    return String.join(
        ",",
        item.name(),
        item.instruction().replace('\n', '~'),
        item.input(),
        item.reference().replace('\n', '~'));
  }

  private static List<Path> files(String name) throws IOException {
    try (Stream<Path> files = Files.walk(CONF.resolve(name))) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }
}
