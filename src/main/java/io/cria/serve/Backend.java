package io.cria.serve;

import io.cria.decoding.Choice;
import io.cria.decoding.ChoiceListener;
import io.cria.decoding.Prompt;
import io.cria.decoding.Question;
import io.cria.task.Conversation;
import io.cria.task.Decoding;
import io.cria.task.Message;
import io.cria.task.TextListener;
import java.util.List;
import java.util.Optional;

/**
 * What answers the server's requests. Thread-safe: a caller waits, in order of arrival, until it is
 * its turn.
 */
public interface Backend extends AutoCloseable {
  /** Why tools are refused of a model whose template has none. */
  String NO_TOOLS =
      "the model's chat template has no tools that are called by JSON in <tool_call> tags: leave"
          + " them out, or ask for a response_format of json_schema";

  /** The model's name, as an API client must give it. */
  String modelName();

  /** Tokens that prompt and answer may have together. */
  int contextLength();

  /** How many generators are alive now; with 0 every request is refused at once. */
  int alive();

  /** Why a question that takes this cannot be answered, and what to do; empty where it can. */
  Optional<String> refusal(Feature feature);

  /**
   * Answers a question that takes nothing it refuses. Texts are plain text: control tokens written
   * in them have no effect.
   *
   * @param listener hears the answers while they are written
   * @return the choices, in the question's order
   * @throws io.cria.task.TextGenerator.PromptTooLongException when a prompt and its answer do not
   *     fit the context
   * @throws UnavailableException when no generator is alive, or the one at work on this request
   *     died
   * @throws io.cria.task.CriaException (bad input) when the request is one that cannot be answered
   * @throws InterruptedException when the thread is interrupted, which says that nobody waits for
   *     the answer any more
   */
  List<Choice> answer(Question question, ChoiceListener listener) throws InterruptedException;

  /** Answers the last of {@code messages}, heard while it is written. */
  default Choice chat(List<Message> messages, Decoding decoding, TextListener listener)
      throws InterruptedException {
    Prompt chat = new Prompt.Chat(Conversation.of(messages));
    return answer(Question.of(chat, decoding), (choice, more, tokens) -> listener.hear(more))
        .get(0);
  }

  @Override
  void close();

  /** Nothing can answer just now; the same request may succeed a little later. */
  final class UnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int retryAfterSeconds;

    public UnavailableException(String message, int retryAfterSeconds) {
      super(message);
      this.retryAfterSeconds = retryAfterSeconds;
    }

    public int retryAfterSeconds() {
      return retryAfterSeconds;
    }
  }
}
