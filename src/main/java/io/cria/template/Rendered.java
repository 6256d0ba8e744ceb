package io.cria.template;

import java.util.List;

/**
 * What a template made of a conversation.
 *
 * @param text the whole text
 * @param generated the parts that stand in {@code generation} blocks, in order and apart from each
 *     other; empty where the template has none
 */
public record Rendered(String text, List<Range> generated) {
  public Rendered {
    generated = List.copyOf(generated);
  }
}
