package io.cria.serve;

import io.cria.task.Message;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;

/** How the messages of a chat become one prompt that ends where the assistant is to speak. */
public enum ChatLayout {
  /** {@code <|im_start|>role\n…<|im_end|>\n}, for models that know these two control tokens. */
  CHATML {
    @Override
    public String prompt(List<Message> messages, UnaryOperator<String> plainText) {
      StringBuilder prompt = new StringBuilder();
      for (Message message : messages) {
        prompt
            .append("<|im_start|>")
            .append(message.role())
            .append('\n')
            .append(plainText.apply(message.content()))
            .append("<|im_end|>\n");
      }
      return prompt.append("<|im_start|>assistant\n").toString();
    }

    @Override
    public List<String> stops() {
      return List.of();
    }
  },

  /**
   * {@code User: …}, blank line, {@code Assistant: …}: for models that were never taught a chat.
   */
  PLAIN {
    @Override
    public String prompt(List<Message> messages, UnaryOperator<String> plainText) {
      StringBuilder prompt = new StringBuilder();
      for (Message message : messages) {
        if (!message.role().equals(Message.SYSTEM)) {
          String role = message.role();
          prompt
              .append(role.substring(0, 1).toUpperCase(Locale.ROOT))
              .append(role.substring(1))
              .append(": ");
        }
        prompt.append(plainText.apply(message.content())).append("\n\n");
      }
      return prompt.append("Assistant:").toString();
    }

    @Override
    public List<String> stops() {
      return List.of("\n\nUser:");
    }
  };

  /**
   * @param messages the chat, oldest first
   * @param plainText makes text of a message harmless, so that nobody forges the layout's own marks
   */
  public abstract String prompt(List<Message> messages, UnaryOperator<String> plainText);

  /** Texts at which an answer in this layout ends, beside the caller's own. */
  public abstract List<String> stops();
}
