package io.cria.parse;

import io.cria.task.Completion;
import io.cria.task.Draft;
import io.cria.task.Labels;
import io.cria.task.Reason;
import io.cria.text.PythonCase;
import io.cria.text.PythonText;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Stanford Alpaca's numbered blocks in any words and in the forms of {@link LineLabels}. A block
 * begins after a line of {@code ###}, or at a numbered label of an instruction. Its input may be
 * missing, its output not. A label counts where it has the block's own number; where none of its
 * kind has, the first without a number does, so that an input may speak of inputs itself. The last
 * block of a cut answer is dropped.
 */
final class LenientBlocks implements CandidateParser {
  private final Pattern separator;
  private final LineLabels instruction;
  private final LineLabels input;
  private final LineLabels output;
  private final List<String> noInput;

  LenientBlocks(Labels labels) {
    this.instruction = LineLabels.of(labels.instruction());
    this.input = LineLabels.of(labels.input());
    this.output = LineLabels.of(labels.output());
    this.noInput = labels.noInput().stream().map(PythonCase::lower).toList();
    String rule = "^" + LineLabels.GAP + "*+#{3,}+" + LineLabels.GAP + "*+$";
    String next =
        "^(?="
            + LineLabels.GAP
            + "*+(?:#{1,6}+"
            + LineLabels.GAP
            + "*+)?+(?:\\*\\*)?+"
            + PythonText.DIGIT
            + "++"
            + LineLabels.GAP
            + "?+"
            + LineLabels.MARK
            + LineLabels.GAP
            + "*+(?:\\*\\*)?+"
            + LineLabels.any(labels.instruction())
            + LineLabels.GAP
            + "*+(?:\\*\\*)?+"
            + LineLabels.GAP
            + "*+["
            + LineLabels.COLONS
            + "])";
    this.separator = Pattern.compile(rule + "|" + next, LineLabels.FLAGS);
  }

  @Override
  public List<Draft> parse(Completion completion, int demonstrations) {
    List<String> blocks =
        Pieces.around(separator, completion.text()).stream()
            .filter(block -> !PythonText.strip(block).isEmpty())
            .toList();
    List<Draft> drafts = new ArrayList<>();
    for (int item = 0; item < blocks.size(); item++) {
      String block = blocks.get(item);
      boolean cut = completion.isCut() && item == blocks.size() - 1;
      drafts.add(
          cut
              ? Draft.failed(item, block, Reason.CUT_BY_LENGTH)
              : readBlock(item, block, item == 0 ? demonstrations + 1 : -1));
    }
    return drafts;
  }

  /**
   * @param open the number that was open before the block; -1 where it is to say its own
   */
  private Draft readBlock(int item, String block, long open) {
    String text = PythonText.strip(block);
    LineLabels.Found label = instruction.at(text);
    long number = label != null && label.isNumbered() ? label.number() : open;
    String body = label == null ? text : text.substring(label.end());
    Choice in = choice(input.in(body), number, 0);
    Choice out = choice(output.in(body), number, in.label() == null ? 0 : in.label().end());
    LineLabels.Found given = in.label();
    LineLabels.Found result = out.label();
    if (in.twice() || out.twice() || result == null || !isAfter(given, result)) {
      return Draft.failed(item, block, Reason.MALFORMED);
    }
    int end = given == null ? result.start() : given.start();
    String material = given == null ? "" : body.substring(given.end(), result.start());
    return Draft.parsed(
        item,
        block,
        PythonText.strip(body.substring(0, end)),
        withoutPlaceholder(PythonText.strip(material)),
        PythonText.strip(body.substring(result.end())));
  }

  /** Which label of a kind counts, and whether more than one claims to. */
  private record Choice(LineLabels.@Nullable Found label, boolean twice) {}

  private static Choice choice(List<LineLabels.Found> all, long number, int from) {
    List<LineLabels.Found> own =
        all.stream()
            .filter(found -> found.isNumbered() && (number < 0 || found.number() == number))
            .toList();
    if (!own.isEmpty()) {
      return new Choice(own.get(0), own.size() > 1);
    }
    return new Choice(
        all.stream()
            .filter(found -> !found.isNumbered() && found.start() >= from)
            .findFirst()
            .orElse(null),
        false);
  }

  private static boolean isAfter(LineLabels.@Nullable Found given, LineLabels.Found result) {
    return given == null || result.start() >= given.end();
  }

  private String withoutPlaceholder(String text) {
    return noInput.contains(PythonCase.lower(text)) ? "" : text;
  }
}
