package io.cria.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VerbNounTest {
  private static String found(String instruction) {
    return new LanguageModels()
        .verbNoun(instruction)
        .map(pair -> pair.verb() + " " + pair.noun())
        .orElse("");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Write a short story about a bird.|write story",
        "Write an essay on the history of tea.|write essay",
        "Give me the three following sentences in reverse order.|give sentence",
        "Describe the causes of the war.|describe cause",
        "Explain how a bicycle works.|explain null",
        "You are given a list of cities. Sort it.|give list",
        "Find the capital city of Spain.|find city",
        "Name three birds.|name bird",
        "Classify the following animals.|classify animal",
        "Create a story plot based on the following description.|create plot",
        "Convert the following recipe to a vegan one.|convert recipe",
        "Can you tell me the steps to write an essay?|tell step",
      })
  void theVerbIsFoundWithWhatItIsAbout(String instruction, String pair) {
    assertThat(found(instruction)).isEqualTo(pair);
  }

  @Test
  void aTextWithoutAVerbHasNone() {
    assertThat(found("")).isEmpty();
    assertThat(found("!")).isEmpty();
    assertThat(found("2 + 2 = ?")).isEmpty();
  }

  @Test
  void languagesAreToldWhereThereIsEnoughText() {
    LanguageModels models = new LanguageModels();
    assertThat(
            models.language(
                "Describe the causes of the war and what came of it in the years that followed."))
        .hasValue("eng");
    assertThat(models.language("다음 문장을 읽고 글쓴이의 생각을 한 문장으로 요약해 주세요.")).hasValue("kor");
    assertThat(models.language("Name a bird.")).isEmpty();
  }
}
