package io.cria.parse;

import io.cria.task.Completion;
import io.cria.task.CriaException;
import io.cria.task.Draft;
import java.util.List;

/** Reads the tasks out of one answer. Pure and thread-safe. */
@FunctionalInterface
public interface CandidateParser {
  /**
   * The answer's drafts in order of appearance, each with its own item number, failed ones
   * included. An answer without any text gives none, unless its recipe asks for exactly one task.
   *
   * @param demonstrations numbered demonstrations the prompt had, so that the answer starts inside
   *     number {@code demonstrations} + 1
   */
  List<Draft> parse(Completion completion, int demonstrations);

  /**
   * The parser a recipe names: {@code numbered-list} (Self-Instruct), {@code alpaca-blocks}
   * (Stanford Alpaca) or {@code single-line} (quickstart).
   *
   * @throws CriaException for another name
   */
  static CandidateParser named(String name) {
    return switch (name) {
      case "numbered-list" -> new NumberedList();
      case "alpaca-blocks" -> new AlpacaBlocks();
      case "single-line" -> new SingleLine();
      default ->
          throw CriaException.badInput(
              "unknown parser \""
                  + name
                  + "\" of instructions: use numbered-list, alpaca-blocks or single-line");
    };
  }
}
