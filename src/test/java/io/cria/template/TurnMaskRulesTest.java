package io.cria.template;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Rules on which templates differ, each with the smallest template that does so. */
class TurnMaskRulesTest {
  private static final Map<String, ?> QUESTION = Map.of("role", "user", "content", "Q");
  private static final Map<String, ?> ANSWER = Map.of("role", "assistant", "content", "Answer");
  private static final Map<String, ?> CALL =
      Map.of(
          "role",
          "assistant",
          "content",
          "",
          "tool_calls",
          List.of(Map.of("function", Map.of("name", "find_it"))));

  private static final String PROMPT = "{% if add_generation_prompt %}<a>{% endif %}";

  private static TurnMasks masks(String template) {
    return new TurnMasks(
        ChatTemplate.of(
            template,
            null,
            Map.of("eos_token", "<eos>"),
            List.of("<a>", "<u>", "<end>", "<end>>", "<eos>"),
            Clock.systemUTC()));
  }

  /** The sequences with brackets around what is learnt. */
  private static List<String> learnt(TurnMasks masks, List<Map<String, ?>> messages) {
    TurnMasks.Masked masked = masks.mask(messages, List.of());
    assertThat(masked).isInstanceOf(TurnMasks.Learnt.class);
    List<String> texts = new ArrayList<>();
    for (TurnMasks.Sequence sequence : ((TurnMasks.Learnt) masked).sequences()) {
      StringBuilder text = new StringBuilder(sequence.text().plain());
      for (int i = sequence.learnt().size() - 1; i >= 0; i--) {
        text.insert(sequence.learnt().get(i).end(), ']')
            .insert(sequence.learnt().get(i).start(), '[');
      }
      texts.add(text.toString());
    }
    return texts;
  }

  private static Refusal refusal(TurnMasks masks, List<Map<String, ?>> messages) {
    TurnMasks.Masked masked = masks.mask(messages, List.of());
    assertThat(masked).isInstanceOf(TurnMasks.Refused.class);
    return ((TurnMasks.Refused) masked).reason();
  }

  @Test
  void anEndOfTextThatFollowsTheEndOfTheAnswerIsLearntWithIt() {
    TurnMasks masks =
        masks(
            "{% for m in messages %}{% if m.role == 'user' %}<u>{{ m.content }}<eos>"
                + "{% else %}<a>{{ m.content }}<end><eos>{% endif %}{% endfor %}"
                + PROMPT);

    assertThat(masks.end()).contains("<eos>");
    assertThat(learnt(masks, List.of(QUESTION, ANSWER, QUESTION, ANSWER)))
        .containsExactly("<u>Q<eos><a>[Answer<end><eos>]<u>Q<eos><a>[Answer<end><eos>]");
  }

  @Test
  void anEndOfTextThatStandsOnlyBehindTheWholeChatEndsNoTurn() {
    TurnMasks masks =
        masks(
            "{% for m in messages %}{{ '<u>' if m.role == 'user' else '<a>' }}{{ m.content }}<end>"
                + "{% endfor %}{% if add_generation_prompt %}<a>{% else %}<eos>{% endif %}");

    assertThat(masks.end()).contains("<end>");
    assertThat(learnt(masks, List.of(QUESTION, ANSWER, QUESTION, ANSWER)))
        .containsExactly(
            "<u>Q<end><a>[Answer<end>]", "<u>Q<end><a>Answer<end><u>Q<end><a>[Answer<end>]");
  }

  @Test
  void aPromptThatFollowsEveryChatEndsNoTurn() {
    TurnMasks masks =
        masks(
            "{% for m in messages %}{{ '<u>' if m.role == 'user' else '<a>' }}{{ m.content }}<end>"
                + "{% endfor %}<a>");

    assertThat(masks.end()).contains("<end>");
    assertThat(learnt(masks, List.of(QUESTION, ANSWER, QUESTION, ANSWER)))
        .containsExactly("<u>Q<end><a>[Answer<end>]<u>Q<end><a>[Answer<end>]");
  }

  @Test
  void aCallThatTheTemplateLeavesOutIsNotLearntAsAnEmptyAnswer() {
    String leavesOut =
        "{% for m in messages %}{{ '<u>' if m.role == 'user' else '<a>' }}{{ m.content }}<end>{% endfor %}";
    String writes = leavesOut.replace("<end>", "{{ m.tool_calls | tojson if m.tool_calls }}<end>");

    assertThat(refusal(masks(leavesOut + PROMPT), List.of(QUESTION, CALL)))
        .isEqualTo(Refusal.ANSWER_CHANGED);
    assertThat(learnt(masks(writes + PROMPT), List.of(QUESTION, CALL)))
        .containsExactly("<u>Q<end><a>[[{\"function\": {\"name\": \"find_it\"}}]<end>]");
  }

  @Test
  void generationBlocksThatCutTheAnswerAreRefused() {
    String blocks =
        "{% for m in messages %}{% if m.role == 'user' %}<u>{{ m.content }}<end>{% else %}<a>"
            + "{% generation %}{{ m.content[:CUT] }}{% endgeneration %}{{ m.content[CUT:] }}<end>"
            + "{% endif %}{% endfor %}";

    assertThat(refusal(masks(blocks.replace("CUT", "3") + PROMPT), List.of(QUESTION, ANSWER)))
        .isEqualTo(Refusal.ANSWER_CHANGED);
    assertThat(learnt(masks(blocks.replace("CUT", "9") + PROMPT), List.of(QUESTION, ANSWER)))
        .containsExactly("<u>Q<end><a>[Answer<end>]");
  }

  @Test
  void ofControlTextsThatBeginAlikeTheLongestCounts() {
    TurnMasks masks =
        masks(
            "{% for m in messages %}{{ '<u>' if m.role == 'user' else '<a>' }}{{ m.content }}<end>>"
                + "{% endfor %}"
                + PROMPT);

    assertThat(masks.end()).contains("<end>>");
    assertThat(learnt(masks, List.of(QUESTION, ANSWER)))
        .containsExactly("<u>Q<end>><a>[Answer<end>>]");
  }
}
