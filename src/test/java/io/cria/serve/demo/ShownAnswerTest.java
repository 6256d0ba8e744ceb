package io.cria.serve.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.page.Routes;
import io.cria.storage.HandClock;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ShownAnswerTest {
  private static final List<String> HARMLESS =
      List.of(
          "Alpacas hum. ",
          "Dr. Kim says so, e.g. on Sundays! ",
          "- wool\n- fibre\n\n",
          "\n```\nkill -9 $PID; echo done. ok\n```\n",
          "알파카는 순합니다. ",
          "정말 그럴까요? ",
          "It is 3.5 m tall… ");

  private final Objections objections = new Objections(ShippedModeration.RULES);
  private final HandClock clock = new HandClock();
  private final List<Event> sent = new ArrayList<>();

  private String shown() {
    StringBuilder shown = new StringBuilder();
    for (Event event : sent) {
      shown.append(event.kind().equals("sentence") ? event.text() : "");
    }
    return shown.toString();
  }

  @Test
  void theExamplesOfThisTestAreFlagged() {
    for (String sentence : ShippedModeration.FLAGGED) {
      assertThat(objections.to(sentence)).as(sentence).isPresent();
    }
    assertThat(objections.to(String.join("", HARMLESS))).isEmpty();
  }

  @Test
  void noSentenceThatTheRulesFlagIsEverShownHoweverTheTextComes() {
    Random random = new Random(7);
    for (int round = 0; round < 300; round++) {
      StringBuilder text = new StringBuilder();
      int flaggedFrom = -1;
      for (int n = 0; n < 8; n++) {
        boolean flagged = flaggedFrom < 0 && random.nextInt(8) == 0;
        flaggedFrom = flagged ? text.length() : flaggedFrom;
        List<String> from = flagged ? ShippedModeration.FLAGGED : HARMLESS;
        text.append(from.get(random.nextInt(from.size()))).append(flagged ? " " : "");
      }
      sent.clear();
      ShownAnswer answer = new ShownAnswer(objections, each -> sent.add((Event) each), clock);
      boolean goesOn = true;
      for (int at = 0; at < text.length() && goesOn; ) {
        int end = Math.min(text.length(), at + 1 + random.nextInt(9));
        goesOn = answer.hear(text.substring(at, end));
        at = end;
      }
      boolean isHeldBack = answer.end().isPresent();
      assertThat(objections.to(shown())).as(text.toString()).isEmpty();
      assertThat(isHeldBack).isEqualTo(flaggedFrom >= 0);
      String whole = flaggedFrom < 0 ? text.toString() : text.substring(0, flaggedFrom);
      assertThat(shown()).isEqualTo(whole);
    }
  }

  @Test
  void theLastSentenceIsLookedAtTooWhereItHasNoEnd() {
    ShownAnswer answer = new ShownAnswer(objections, each -> sent.add((Event) each), clock);
    assertThat(answer.hear("Listen. I will kill you")).isTrue();
    assertThat(answer.end()).isPresent();
    assertThat(shown()).isEqualTo("Listen. ");
  }

  @Test
  void whatAddsUpOverSentencesIsHeldBackAsInADataset() throws IOException {
    Objections weak = new Objections(WeakRules.of("one", "two"));
    ShownAnswer answer = new ShownAnswer(weak, each -> sent.add((Event) each), clock);
    assertThat(answer.hear("It is one. So it is. ")).isTrue();
    assertThat(answer.hear("It is two. ")).isFalse();
    assertThat(answer.end()).isPresent();
    assertThat(shown()).isEqualTo("It is one. So it is. ");
  }

  @Test
  void whatTellsOfPersonsIsMasked() {
    ShownAnswer answer = new ShownAnswer(objections, each -> sent.add((Event) each), clock);
    boolean unused = answer.hear("Write to kim.minsu@mail.kr or 010-1234-5678. Bye.");
    assertThat(answer.end()).isEmpty();
    assertThat(shown()).startsWith("Write to ").endsWith(" Bye.");
    assertThat(shown()).doesNotContain("kim.minsu@mail.kr", "1234-5678");
  }

  @Test
  void aSilentSecondIsToldAndWhoIsGoneStopsTheModel() {
    List<Object> told = new ArrayList<>();
    Routes.Lines lines =
        each -> {
          if (told.size() == 1) {
            throw new Routes.GoneException(new IOException("broken pipe"));
          }
          told.add(each);
        };
    ShownAnswer answer = new ShownAnswer(objections, lines, clock);
    assertThat(answer.hear("Al")).isTrue();
    assertThat(told).isEmpty();
    clock.advance(java.time.Duration.ofSeconds(1));
    assertThat(answer.hear("pa")).isTrue();
    assertThat(told).containsExactly(Event.writing());
    clock.advance(java.time.Duration.ofSeconds(1));
    assertThat(answer.hear("ca")).isFalse();
    assertThatThrownBy(answer::end).isInstanceOf(Routes.GoneException.class);
  }
}
