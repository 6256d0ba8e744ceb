package io.cria.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HubLicenseTest {
  @ParameterizedTest
  @CsvSource({
    "apache-2.0, apache-2.0",
    "Apache-2.0, apache-2.0",
    "' MIT ', mit",
    "CC0-1.0, cc0-1.0",
    "GPL-3.0-only, gpl-3.0",
    "ODbL-1.0, odbl",
    "llama3.2, llama3.2"
  })
  void theHubsNamesAndSpdxsAreKnownInAnyCase(String stated, String name) {
    assertThat(HubLicense.of(stated)).hasValue(name);
    assertThat(HubLicense.isName(stated)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"apache2", "cc-by", "free", "", "LicenseRef-"})
  void aSingleWordThatNobodyKnowsIsNoName(String stated) {
    assertThat(HubLicense.of(stated)).isEmpty();
    assertThat(HubLicense.isName(stated)).isFalse();
  }

  @Test
  void othersHaveTheirNameBesideTheHubsWord() {
    assertThat(HubLicense.isName("LicenseRef-House-1")).isTrue();
    assertThat(HubLicense.isName("For lectures only")).isTrue();
    assertThat(HubLicense.isName("0BSD")).isTrue();
    assertThat(HubLicense.head("0BSD"))
        .isEqualTo(Map.of("license", "other", "license_name", "0BSD"));
    assertThat(HubLicense.head("For lectures only"))
        .isEqualTo(Map.of("license", "other", "license_name", "For lectures only"));
    assertThat(HubLicense.head("MIT")).isEqualTo(Map.of("license", "mit"));
    assertThat(HubLicense.head(null)).isEqualTo(Map.of("license", "unknown"));
  }
}
