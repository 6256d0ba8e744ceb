package io.cria.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.task.DatasetStatistics;
import io.cria.task.Terms;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DatasetCardTest {
  private static CardFacts facts(String title, @Nullable BigDecimal usd) {
    return new CardFacts(
        title,
        List.of("en", "ko"),
        new CardFacts.Counts(1234, 34, 600, 120, 7, 90, 900, 610),
        new DatasetStatistics(600, 120, 1234, 700, 11.25, 20, 53.04),
        new CardFacts.Origin(
            "self-instruct",
            "tiny-1",
            "temperature 0.7, top_p 0.5",
            175,
            "ab".repeat(32),
            "cd".repeat(32),
            0.7,
            "rouge-en",
            42,
            "splitmix64-1",
            "ef".repeat(32),
            List.of(Map.entry("Cria", "1.0"), Map.entry("Spark", "4.2.0"))),
        new TreeMap<>(Map.of("too_short", 90L, "similar", 200L)),
        new TreeMap<>(Map.of("empty_output", 3L)),
        new TreeMap<>(),
        new CardFacts.Cost(90, 81000, 45000, usd, usd == null ? null : usd.add(BigDecimal.ONE)),
        new Terms(
            "Apache-2.0",
            "Outputs may not be used to train competing models.",
            null,
            "the authors | of it"),
        new CardFacts.Judged(
            new TreeMap<>(Map.of("near_evaluation", 12L)), List.of("Some | were left out.")),
        new TreeMap<>(Map.of("by_agent", 2L)));
  }

  private static String card(String title, @Nullable BigDecimal usd) {
    return DatasetCard.render(
        facts(title, usd), List.of(ExampleFormat.ALPACA_JSON, ExampleFormat.CHAT), true);
  }

  @Test
  void tellsTheStatisticsOfThePaper() {
    assertThat(card("T", null))
        .contains(
            """
            | statistics (lengths in words between white space) | |
            |---|---:|
            | instructions | 600 |
            | - classification instructions | 120 |
            | - non-classification instructions | 480 |
            | instances | 1,234 |
            | - instances with empty input | 700 |
            | average instruction length (words) | 11.3 |
            | average non-empty input length (words) | 20.0 |
            | average output length (words) | 53.0 |
            """);
  }

  @Test
  void whatWasJudgedAndLeftOutIsTold() {
    assertThat(card("x", null))
        .contains(
            """
            ## Judged and left out

            Some \\| were left out.

            | examples of the run that are not here, by reason | |
            |---|---:|
            | `near_evaluation` | 12 |
            """);
  }

  @Test
  void marksOfTranslationAreCounted() {
    assertThat(card("x", null))
        .contains("## Marks of translation")
        .contains("| examples with the mark | |\n|---|---:|\n| `by_agent` | 2 |\n");
  }

  @Test
  void beginsWithAYamlHead() {
    assertThat(card("My \"own\": tasks", null))
        .startsWith(
            """
            ---
            pretty_name: "My \\"own\\": tasks"
            license: "apache-2.0"
            language:
            - "en"
            - "ko"
            size_categories:
            - "1K<n<10K"
            task_categories:
            - "text-generation"
            tags:
            - "instruction-tuning"
            - "synthetic"
            - "self-instruct"
            - "cria"
            configs:
            - config_name: default
              data_files: "parquet/**/*.parquet"
            - config_name: alpaca-array
              data_files: "alpaca.json"
            - config_name: chat
              data_files: "chat.jsonl"
            ---

            # My "own": tasks

            1,234 examples of 600 instructions (120 of them classification tasks); 34 examples are people's, from the seed tasks, and 1,200 a model's.
            """);
  }

  @Test
  void tellsWhatWasRejectedAndWhatItCost() {
    assertThat(card("T", new BigDecimal("0.12345")))
        .contains("Of 900 candidates in 90 answers 610 were kept.\n")
        .contains(
            """
            | rejected candidates, by reason | |
            |---|---:|
            | `similar` | 200 |
            | `too_short` | 90 |
            """)
        .contains("| `empty_output` | 3 |\n")
        .doesNotContain("requests without an answer")
        .contains(
            "90 answers in use, of 81,000 prompt tokens and 45,000 completion tokens: 0.1235 USD. "
                + "All attempts together, lost ones included: 1.1235 USD.\n");
    assertThat(card("T", null)).contains("completion tokens: no price known. All attempts");
  }

  @Test
  void tellsHowItWasMadeAndFromWhat() {
    assertThat(card("T", null))
        .contains(
            "By the recipe `self-instruct`: the model `tiny-1` was shown some of 175 seed tasks")
        .contains("was above 0.7 (tokenizer `rouge-en`)")
        .contains("| seed tasks | SHA-256 `" + "ab".repeat(32) + "` |\n")
        .contains("| sampling | seed 42, generator `splitmix64-1` |\n")
        .contains("| Cria | 1.0 |\n| Spark | 4.2.0 |\n")
        .contains("| `alpaca.json` | an example: `instruction`, `input`, `output` |\n")
        .doesNotContain("self-instruct.jsonl")
        .doesNotContain("\r");
  }

  @Test
  void tellsTheTermsThatAreStatedAndNoOthers() {
    assertThat(card("T", null))
        .contains("| licence | Apache-2.0 |\n")
        .contains(
            "| terms of the model that wrote the texts | Outputs may not be used to train competing"
                + " models. |\n")
        .contains("| intended use | not stated |\n")
        .contains("| attribution | the authors \\| of it |\n");
  }

  @Test
  void aLicenceInWordsIsNotAShortNameAndNoneIsUnknown() {
    assertThat(head(new Terms("For lectures only", null, null, null)))
        .contains("license: \"other\"\nlicense_name: \"For lectures only\"\n");
    assertThat(head(Terms.NONE)).contains("license: \"unknown\"\n");
  }

  @Test
  void aNameThatTheHubDoesNotKnowIsOtherAndSpdxsAreItsOwn() {
    assertThat(head(new Terms("MIT-0", null, null, null)))
        .contains("license: \"other\"\nlicense_name: \"MIT-0\"\n");
    assertThat(head(new Terms("GPL-3.0-or-later", null, null, null)))
        .contains("license: \"gpl-3.0\"\n");
  }

  @Test
  void aCountryOfALanguageHasAKeyOfItsOwn() {
    assertThat(head(Terms.NONE, List.of("ko-KR", "en")))
        .contains("language:\n- \"ko\"\n- \"en\"\nlanguage_bcp47:\n- \"ko-KR\"\n");
    assertThat(head(Terms.NONE)).doesNotContain("bcp47");
  }

  @Test
  void everyFileIsAConfigurationOfItsOwn() {
    List<ExampleFormat> all = List.of(ExampleFormat.values());
    String card = DatasetCard.render(facts("T", null), all, true);
    for (ExampleFormat format : all) {
      assertThat(card)
          .contains(
              "- config_name: "
                  + format.configuration()
                  + "\n  data_files: \""
                  + format.fileName()
                  + "\"\n")
          .contains("| `" + format.fileName() + "` | ");
    }
    assertThat(all).extracting(ExampleFormat::configuration).doesNotHaveDuplicates();
  }

  private static String head(Terms terms) {
    return head(terms, List.of("en", "ko"));
  }

  private static String head(Terms terms, List<String> languages) {
    CardFacts facts = facts("T", null);
    return DatasetCard.render(
        new CardFacts(
            facts.title(),
            languages,
            facts.counts(),
            facts.statistics(),
            facts.origin(),
            facts.rejectedCandidates(),
            facts.droppedInstances(),
            facts.failedRequests(),
            facts.cost(),
            terms,
            facts.judged(),
            facts.translationese()),
        List.of(),
        true);
  }

  @Test
  void aTitleCannotBreakTheCard() {
    assertThat(card("a\n---\nb `c` | d", null))
        .startsWith("---\npretty_name: \"a\\n---\\nb `c` | d\"\nlicense")
        .contains("\n# a --- b 'c' \\| d\n");
  }

  @ParameterizedTest
  @CsvSource({
    "0, n<1K",
    "999, n<1K",
    "1000, 1K<n<10K",
    "52002, 10K<n<100K",
    "999999, 100K<n<1M",
    "1000000, 1M<n<10M",
    "5000000000, 1B<n<10B",
    "999999999999, 100B<n<1T",
    "1000000000000, n>1T"
  })
  void sizesFallIntoTheCardsCategories(long examples, String category) {
    assertThat(DatasetCard.sizeCategory(examples)).isEqualTo(category);
  }
}
