package io.cria.sft.generate;

import io.cria.decoding.Choice;
import io.cria.decoding.ChoiceListener;
import io.cria.decoding.Prompt;
import io.cria.decoding.Question;
import io.cria.decoding.ScoredToken;
import io.cria.task.CriaException;
import io.cria.task.TextGenerator.Generated;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes the choices of one question, a few side by side. */
final class Choices {
  /** More at once would take more memory and, on processors, little less time. */
  private static final int AT_ONCE = 8;

  /** What the keys and values of those at once may take, where they are more than one. */
  private static final long MOST_CACHE_BYTES = 1L << 30;

  /**
   * All that a request is told of its tokens is held until its end, at up to some 70 bytes a score;
   * the answer made of it is not.
   */
  private static final long MOST_SCORES = 1_000_000;

  private final CheckpointGenerator generator;
  private final Ending ending;
  private final Question question;
  private final ChoiceListener listener;
  private final Constraint.@Nullable Rules rules;

  /** The prompt that was scored last, and its tokens. */
  private int scoredPrompt = -1;

  private List<ScoredToken> promptTokens = List.of();

  Choices(
      CheckpointGenerator generator, Ending ending, Question question, ChoiceListener listener) {
    this.generator = generator;
    this.ending = ending;
    this.question = question;
    this.listener = listener;
    this.rules = question.grammar() == null ? null : generator.rules(question.grammar());
  }

  /**
   * All of them, in the question's order; every prompt is looked at before anything is written.
   *
   * @param prompts ids, one array for each of the question's
   */
  List<Choice> of(List<int[]> prompts) {
    requireFewScores(prompts);
    List<Writing> all = new ArrayList<>();
    for (int place = 0; place < question.choices(); place++) {
      int[] ids = prompts.get(place / question.samples());
      generator.requireRoom(ids, limit(ids));
      all.add(new Writing(place, ids));
    }
    List<Choice> choices = new ArrayList<>();
    int atOnce = atOnce(longest(prompts), generator.cacheBytesPerToken());
    for (int from = 0; from < all.size(); from += atOnce) {
      List<Writing> some = all.subList(from, Math.min(from + atOnce, all.size()));
      some.forEach(Writing::begin);
      if (!question.silent()) {
        generator.run(some.stream().map(writing -> writing.answer).toList());
      }
      some.forEach(writing -> choices.add(writing.end()));
    }
    return choices;
  }

  private int longest(List<int[]> prompts) {
    return prompts.stream().mapToInt(ids -> ids.length + limit(ids)).max().orElse(1);
  }

  /**
   * How many texts of so many tokens are written side by side.
   *
   * @param tokens at least 1
   */
  static int atOnce(int tokens, long bytesPerToken) {
    return (int) Math.max(1, Math.min(AT_ONCE, MOST_CACHE_BYTES / (tokens * bytesPerToken)));
  }

  private void requireFewScores(List<int[]> prompts) {
    if (!question.isScored()) {
      return;
    }
    long tokens = 0;
    for (int[] ids : prompts) {
      tokens += (long) question.samples() * ((question.echoed() ? ids.length : 0) + limit(ids));
    }
    long scores = tokens * (1 + question.scored());
    if (scores > MOST_SCORES) {
      throw CriaException.badInput(
          "the answers may have "
              + tokens
              + " tokens, with "
              + scores
              + " log probabilities, of at most "
              + MOST_SCORES
              + ": lower logprobs, max_tokens or n, or send more requests");
    }
  }

  private int limit(int[] ids) {
    if (question.silent()) {
      return 0;
    }
    int most = question.decoding().maxTokens();
    return question.fitted() ? Math.max(1, Math.min(most, room(ids))) : most;
  }

  private int room(int[] ids) {
    return generator.contextLength() - ids.length;
  }

  /** One choice while it is written. */
  private final class Writing {
    private final int place;
    private final int[] prompt;
    private final @Nullable Scores scores;
    private final Answer answer;
    private boolean begun;

    Writing(int place, int[] prompt) {
      this.place = place;
      this.prompt = prompt;
      this.scores =
          question.isScored() ? new Scores(generator.tokenizer(), question.scored()) : null;
      this.answer =
          new Answer(
              generator.tokenizer(),
              ending,
              generator.sampler(question.decoding(), place),
              prompt,
              limit(prompt),
              rules == null ? null : new Constraint(rules, ending.tokens()),
              scores,
              listener == ChoiceListener.NONE ? null : this::hear);
    }

    private boolean hear(String more) {
      // tokens whose text is held back are told with it
      String text = begun ? more : behindEcho(more);
      begun |= !more.isEmpty();
      return listener.hear(place, text, more.isEmpty() ? List.of() : untold());
    }

    /** The answer's beginning as it goes on from an echo: with the space of its first word. */
    private String behindEcho(String text) {
      boolean lacksSpace = question.echoed() && !text.isEmpty() && answer.lacksSpace();
      return lacksSpace ? " " + text : text;
    }

    void begin() {
      if (question.echoed()) {
        if (scores != null) {
          score(scores);
        }
        boolean unused = listener.hear(place, echo(), untold());
      }
    }

    /** The samples of a prompt share its scores. */
    private void score(Scores scores) {
      int asked = place / question.samples();
      if (asked == scoredPrompt) {
        scores.takeOver(promptTokens);
      } else {
        if (question.prompts().get(asked) instanceof Prompt.Text text) {
          scores.echoText(prompt, text.text());
        } else {
          scores.echoIds();
        }
        generator.score(prompt, scores);
        scoredPrompt = asked;
        promptTokens = scores.all();
      }
      scores.behindPrompt();
    }

    private String echo() {
      Prompt asked = question.prompts().get(place / question.samples());
      return asked instanceof Prompt.Text text
          ? text.text()
          : generator.tokenizer().decode(prompt, false);
    }

    Choice end() {
      String echo = question.echoed() ? echo() : "";
      if (question.silent()) {
        return new Choice(echo, Choice.LENGTH, prompt.length, 0, tokens());
      }
      Generated generated = answer.generated();
      List<ScoredToken> left = untold();
      if (!left.isEmpty()) {
        boolean unused = listener.hear(place, "", left);
      }
      return new Choice(
          echo + behindEcho(generated.text()),
          generated.finishReason(),
          prompt.length,
          generated.completionTokens(),
          tokens());
    }

    private List<ScoredToken> untold() {
      return scores == null ? List.of() : scores.untold();
    }

    private List<ScoredToken> tokens() {
      return scores == null ? List.of() : scores.all();
    }
  }
}
