package io.cria.similarity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.similarity.bench.GeneratedTexts;
import io.cria.task.Ids;
import io.cria.task.Instruction;
import io.cria.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.RandomAccess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AcceptedTextsTest {
  private static final String KEY = Ids.sha256("a request");

  @Test
  void whatWasAppendedIsReadAsItWas() {
    List<Instruction> appended = new ArrayList<>();
    AcceptedTexts texts = new AcceptedTexts();
    List<String> generated = new GeneratedTexts(7, 20_000);
    for (int i = 0; i < generated.size(); i++) {
      String id = i % 3 == 0 ? "seed_task_" + i : Ids.candidate(Ids.sha256("" + i), i * 7);
      appended.add(new Instruction(id, generated.get(i)));
      texts.append(appended.get(i));
    }
    assertThat(texts.view()).isEqualTo(appended).isInstanceOf(RandomAccess.class);
    assertThat(texts.view().subList(19_000, 20_000)).isEqualTo(appended.subList(19_000, 20_000));
    assertThat(texts.id(1)).isEqualTo(appended.get(1).id());
  }

  @ParameterizedTest
  @ValueSource(strings = {"#0", "#07", "#", "#-1", "#+1", "#1x", "#999999999", "#4294967296", "/1"})
  void idsThatOnlyResembleACandidatesStayAsTheyAre(String end) {
    AcceptedTexts texts = new AcceptedTexts();
    List<String> ids =
        List.of(
            KEY + end, KEY.toUpperCase(java.util.Locale.ROOT) + end, KEY.substring(1) + "g" + end);
    ids.forEach(id -> texts.append(new Instruction(id, "")));

    assertThat(texts.view()).extracting(Instruction::id).isEqualTo(ids);
    assertThat(texts.view()).extracting(Instruction::text).containsOnly("");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "내일 아침에 비가 올 것 같아요.",
        "half \uD83D of a pair",
        "\uDE00\uD83D turned round",
        "whole \uD83D\uDE00 pair",
        "ends in \uD83D",
        "\0"
      })
  void everyStringSurvives(String string) {
    AcceptedTexts texts = new AcceptedTexts();
    texts.append(new Instruction(string, string));

    assertThat(texts.view()).containsExactly(new Instruction(string, string));
  }

  @Test
  void aTextMayBeLongerThanAPage() {
    AcceptedTexts texts = new AcceptedTexts();
    Instruction small = new Instruction("a", "short");
    Instruction large = new Instruction("b", "long ".repeat(200_000));
    texts.append(small);
    texts.append(large);
    texts.append(small);

    assertThat(texts.view()).containsExactly(small, large, small);
  }

  @Test
  void theViewGrowsAndCannotBeChanged() {
    EngineSelector selector =
        new EngineSelector(EngineOptions.of(Tokenizer.named("rouge-en"), 0.7));
    List<Instruction> accepted = selector.accepted();
    Instruction seed = new Instruction("seed", "Name three rivers that cross a border.");
    Instruction fresh = new Instruction(KEY + "#3", "Bake a loaf of rye bread.");
    Instruction similar = new Instruction(KEY + "#4", "Bake a loaf of rye bread!");
    selector.accept(List.of(seed));
    selector.select(List.of(seed, fresh, similar));

    assertThat(accepted).containsExactly(seed, fresh);
    assertThat(selector.select(List.of(similar)).get(0).neighbourId()).isEqualTo(KEY + "#3");
    assertThatThrownBy(() -> accepted.add(seed)).isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> accepted.get(2))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessage("text 2 of 2 accepted");
  }
}
