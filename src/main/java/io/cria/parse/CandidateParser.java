package io.cria.parse;

import io.cria.task.Completion;
import io.cria.task.CriaException;
import io.cria.task.Draft;
import io.cria.task.Labels;
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
   * The parser a recipe names, for answers in the published programs' words.
   *
   * @throws CriaException for another name
   */
  static CandidateParser named(String name) {
    return named(name, Labels.ENGLISH);
  }

  /**
   * The parser a recipe names: {@code numbered-list} (Self-Instruct), {@code alpaca-blocks}
   * (Stanford Alpaca), {@code single-line} (quickstart), {@code lenient-list} or {@code
   * lenient-blocks} (the first two in any words, and in the forms that models write).
   *
   * @param labels what stands before the parts of a task
   * @throws CriaException for another name, or labels that the parser does not know
   */
  static CandidateParser named(String name, Labels labels) {
    return switch (name) {
      case "numbered-list" -> new NumberedList();
      case "alpaca-blocks" -> {
        LineLabels.requirePublished(name, labels, "lenient-blocks");
        yield new AlpacaBlocks();
      }
      case "single-line" -> new SingleLine();
      case "lenient-list" -> new LenientList(labels);
      case "lenient-blocks" -> new LenientBlocks(labels);
      default ->
          throw CriaException.badInput(
              "unknown parser \""
                  + name
                  + "\" of instructions: use numbered-list, alpaca-blocks, single-line, lenient-list"
                  + " or lenient-blocks");
    };
  }
}
