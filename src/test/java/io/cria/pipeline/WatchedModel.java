package io.cria.pipeline;

import io.cria.llm.fake.Reply;
import io.cria.llm.fake.ScriptedServer;
import io.cria.llm.fake.ScriptedServer.Call;
import io.cria.testing.ScriptedModel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A scripted model that counts what it was asked, and does something at an agreed call. */
final class WatchedModel implements ScriptedServer.Script {
  private final ScriptedModel model = ScriptedModel.faulty();
  private final List<Asked> asked = new ArrayList<>();
  private String stage = "";
  private int callsLeft;
  private Runnable action = () -> {};

  /**
   * A request as it came.
   *
   * @param prompt its text, which names the request within a run
   * @param status of the answer given
   */
  record Asked(String prompt, int status) {}

  /**
   * Does {@code action} once, when the {@code calls}-th call of a stage from now on is read; of any
   * stage when the name is empty.
   */
  synchronized void at(String whichStage, int calls, Runnable whatThen) {
    stage = whichStage;
    callsLeft = calls;
    action = whatThen;
  }

  /** Whether the agreed call has come. */
  synchronized boolean acted() {
    return callsLeft == 0;
  }

  /** All calls so far, in order. */
  synchronized List<Asked> asked() {
    return List.copyOf(asked);
  }

  /** Answers given in full, by prompt. */
  Map<String, Integer> bought() {
    Map<String, Integer> bought = new HashMap<>();
    asked().stream()
        .filter(call -> call.status() == 200)
        .forEach(call -> bought.merge(call.prompt(), 1, Integer::sum));
    return bought;
  }

  @Override
  public Reply reply(Call call) {
    Reply reply = model.reply(call);
    Runnable now = count(call, reply.status());
    now.run();
    return reply.withDelay(Duration.ofMillis(5));
  }

  private synchronized Runnable count(Call call, int status) {
    asked.add(new Asked(call.promptText(), status));
    boolean last = callsLeft > 0 && isOfStage(call) && --callsLeft == 0;
    return last ? action : () -> {};
  }

  private boolean isOfStage(Call call) {
    return stage.isEmpty() || stage.equals(stageOf(call.promptText()));
  }

  private static String stageOf(String prompt) {
    if (prompt.endsWith("Is this a classification task?")) {
      return "classify";
    }
    boolean generates =
        prompt.endsWith("Instruction:")
            || (prompt.endsWith(".") && prompt.startsWith("Below is a numbered list"));
    return generates ? "generate" : "instances";
  }
}
