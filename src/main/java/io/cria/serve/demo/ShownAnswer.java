package io.cria.serve.demo;

import io.cria.page.Routes;
import io.cria.safety.ModerationCategory;
import io.cria.task.TextListener;
import java.time.Clock;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An answer on its way to the page. A sentence is sent once the rules have nothing against the
 * answer up to its end; at the first objection, or when nobody reads any more, the model is
 * stopped.
 */
final class ShownAnswer implements TextListener {
  private static final long SILENT_MILLIS = 1_000;

  private final Objections objections;
  private final Routes.Lines lines;
  private final Clock clock;
  private final Sentences sentences = new Sentences();
  private final StringBuilder seen = new StringBuilder();
  private long sent;
  private @Nullable ModerationCategory objection;
  private Routes.@Nullable GoneException gone;

  ShownAnswer(Objections objections, Routes.Lines lines, Clock clock) {
    this.objections = objections;
    this.lines = lines;
    this.clock = clock;
    this.sent = clock.millis();
  }

  @Override
  public boolean hear(String more) {
    for (String sentence : sentences.add(more)) {
      show(sentence);
    }
    if (isOpen() && clock.millis() - sent >= SILENT_MILLIS) {
      send(Event.writing());
    }
    return isOpen();
  }

  /**
   * Shows the rest of an answer that is at its end.
   *
   * @return what the rules have against it; empty where all of it was shown
   * @throws Routes.GoneException when nobody reads any more
   */
  Optional<ModerationCategory> end() {
    show(sentences.rest());
    if (gone != null) {
      throw gone;
    }
    return Optional.ofNullable(objection);
  }

  private boolean isOpen() {
    return objection == null && gone == null;
  }

  private void show(String sentence) {
    if (!isOpen() || sentence.isEmpty()) {
      return;
    }
    seen.append(sentence);
    objection = objections.to(seen.toString()).orElse(null);
    if (objection == null) {
      send(Event.sentence(Objections.masked(sentence)));
    }
  }

  private void send(Event event) {
    try {
      lines.send(event);
      sent = clock.millis();
    } catch (Routes.GoneException e) {
      gone = e;
    }
  }
}
