package io.cria.llm;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Warns, once a client, when a server counts far fewer prompt tokens than the prompt must have:
 * some servers cut what does not fit their context without a word.
 */
final class ShortPromptStep implements Step {
  /** Few tokens of any vocabulary are longer. */
  private static final int BYTES_PER_TOKEN = 16;

  private static final int SHORTEST_JUDGED_BYTES = 2048;

  private final Step inner;
  private final Consumer<String> warnings;
  private final AtomicBoolean warned = new AtomicBoolean();

  ShortPromptStep(Step inner, Consumer<String> warnings) {
    this.inner = inner;
    this.warnings = warnings;
  }

  @Override
  public CompletableFuture<Attempted> send(Call call) {
    return inner.send(call).thenApply(answered -> judge(call, answered));
  }

  private Attempted judge(Call call, Attempted answered) {
    Usage usage = answered.record().usage();
    long bytes = call.request().promptBytes();
    if (usage != null
        && !usage.estimated()
        && bytes >= SHORTEST_JUDGED_BYTES
        && usage.prompt() < bytes / BYTES_PER_TOKEN
        && !warned.getAndSet(true)) {
      warnings.accept(
          "the server counts "
              + usage.prompt()
              + " tokens for a prompt of "
              + bytes
              + " bytes (request "
              + call.request().requestKey()
              + "): it may cut prompts silently; give it a larger context");
    }
    return answered;
  }
}
