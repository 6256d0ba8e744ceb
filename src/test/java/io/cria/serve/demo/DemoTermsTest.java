package io.cria.serve.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.task.Terms;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DemoTermsTest {
  @ParameterizedTest
  @CsvSource({
    "cc-by-nc-4.0, true,",
    "CC BY-NC-SA 4.0, true,",
    "cc-by-4.0, true, for non-commercial research alone",
    "apache-2.0, true, 비상업적 이용만",
    "apache-2.0, false, research in NC and VA",
    "ncsa, false,",
    "cc-by-4.0, false,"
  })
  void whereTheCardForbidsCommercialUseThePageSaysSo(
      String license, boolean expected, String intended) {
    DemoTerms terms = new DemoTerms("m", new Terms(license, null, intended, null));
    assertThat(terms.areNonCommercial()).isEqualTo(expected);
    assertThat(terms.paragraphs().get(0).title().equals("Non-commercial use only"))
        .isEqualTo(expected);
  }

  @Test
  void whatTheCardDoesNotStateIsNotTakenForGranted() {
    assertThat(new DemoTerms("m", Terms.NONE).paragraphs())
        .anySatisfy(each -> assertThat(each.text()).contains("The model's card states none"));
  }
}
