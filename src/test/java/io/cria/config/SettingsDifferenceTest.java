package io.cria.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.sft.train.SftConfig;
import org.junit.jupiter.api.Test;

class SettingsDifferenceTest {
  private static SettingsDifference between(String before, String now) {
    return SettingsDifference.of("training.optimizer", before, now);
  }

  @Test
  void aSectionIsSearchedForTheKeyThatDiffers() {
    assertThat(between("Optimizer[lr=2.0E-5, decay=0.0]", "Optimizer[lr=1.0E-5, decay=0.0]"))
        .isEqualTo(new SettingsDifference("training.optimizer.lr", "2.0E-5", "1.0E-5"));
    assertThat(between("Lora[rank=8, targets=[q, k]]", "Lora[rank=8, targets=[q, v]]"))
        .isEqualTo(new SettingsDifference("training.optimizer.targets", "[q, k]", "[q, v]"));
    assertThat(between("A[b=B[c=1, d=2], e=3]", "A[b=B[c=1, d=5], e=4]"))
        .isEqualTo(new SettingsDifference("training.optimizer.b.d", "2", "5"));
  }

  @Test
  void whatIsThereOnceOnlyIsAbsentElsewhere() {
    assertThat(between("null", "Lora[rank=8]"))
        .isEqualTo(new SettingsDifference("training.optimizer", "absent", "Lora[rank=8]"));
    assertThat(between("A[b=1]", "A[b=1, c=2]"))
        .isEqualTo(new SettingsDifference("training.optimizer.c", "absent", "2"));
  }

  @Test
  void aPlainValueIsComparedAsItStands() {
    assertThat(between("3", "4")).isEqualTo(new SettingsDifference("training.optimizer", "3", "4"));
  }

  @Test
  void theSectionsOfTheConfigurationAreRead() {
    String mine = String.valueOf(SftConfig.DEFAULT.identity().get("optimizer"));
    String changed = mine.replaceFirst("=[^,\\]]+", "=123");
    assertThat(between(mine, changed).now()).isEqualTo("123");
    assertThat(between(mine, changed).key()).startsWith("training.optimizer.");
  }
}
