package io.cria.serve;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cria.decoding.Choice;
import io.cria.decoding.ChoiceListener;
import io.cria.decoding.ScoredToken;
import java.util.List;

/** Sends the answers to a question while they are written. */
final class StreamedAnswer implements ChoiceListener {
  private final EventStream events;
  private final AnswerForm form;
  private final boolean[] opened;
  private final boolean whole;

  /**
   * @param whole whether each answer is sent at once when it is at its end: what calls a tool is
   *     known only then
   */
  StreamedAnswer(EventStream events, AnswerForm form, int choices, boolean whole) {
    this.events = events;
    this.form = form;
    this.opened = new boolean[choices];
    this.whole = whole;
  }

  @Override
  public boolean hear(int choice, String more, List<ScoredToken> tokens) {
    boolean isHeard = open(choice);
    if (whole || (more.isEmpty() && tokens.isEmpty())) {
      return isHeard;
    }
    return events.send(form.piece(choice, more, tokens));
  }

  /** Whether somebody listens. */
  private boolean open(int choice) {
    boolean isFirst = !opened[choice];
    opened[choice] = true;
    return !isFirst || form.opening(choice).map(events::send).orElse(true);
  }

  /** All is written. */
  void end(List<Choice> choices, boolean withUsage) {
    for (int i = 0; i < choices.size(); i++) {
      Choice choice = choices.get(i);
      boolean isHeard = open(i);
      if (whole) {
        for (ObjectNode event : form.pieces(i, choice)) {
          isHeard = isHeard && events.send(event);
        }
      }
      boolean unused = isHeard && events.send(form.closing(i, choice));
    }
    boolean unused = !withUsage || events.send(form.usage(choices));
    events.done();
  }
}
