package io.cria.serve;

import io.cria.decoding.Choice;
import io.cria.decoding.ChoiceListener;
import io.cria.decoding.Prompt;
import io.cria.decoding.Question;
import io.cria.task.Decoding;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/** A backend that gives what a test tells it to and remembers what it was asked. */
final class ScriptedBackend implements Backend {
  /** How a test answers one choice. */
  @FunctionalInterface
  interface Script {
    Choice answer(int choice, ChoiceListener listener) throws InterruptedException;
  }

  final CountDownLatch asked = new CountDownLatch(1);
  final Map<Feature, String> refusals = new EnumMap<>(Feature.class);
  volatile int alive = 2;
  volatile boolean isClosed;
  volatile Question question =
      Question.of(
          new Prompt.Text("nothing yet"),
          new Decoding(1, null, null, null, null, null, null, List.of(), Map.of(), null));
  volatile Script script = (choice, listener) -> wool();

  static Choice wool() {
    return new Choice("wool", "stop", 3, 1, List.of());
  }

  Decoding decoding() {
    return question.decoding();
  }

  @Override
  public String modelName() {
    return "scripted";
  }

  @Override
  public int contextLength() {
    return 2048;
  }

  @Override
  public int alive() {
    return alive;
  }

  @Override
  public Optional<String> refusal(Feature feature) {
    return Optional.ofNullable(refusals.get(feature));
  }

  @Override
  public List<Choice> answer(Question question, ChoiceListener listener)
      throws InterruptedException {
    this.question = question;
    asked.countDown();
    List<Choice> choices = new ArrayList<>();
    for (int i = 0; i < question.choices(); i++) {
      choices.add(script.answer(i, listener));
    }
    return choices;
  }

  @Override
  public void close() {
    isClosed = true;
  }
}
