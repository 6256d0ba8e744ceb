package io.cria.parse;

import io.cria.task.Completion;
import io.cria.task.Draft;
import io.cria.task.Reason;
import io.cria.text.PythonCase;
import io.cria.text.PythonText;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The numbered blocks of Stanford Alpaca's published program. The prompt ends after the first
 * block's label, so the answer starts with its instruction. A block parses when exactly three
 * labels under its own number split it; the texts after them are instruction, input and output
 * whatever the labels say. The last block of a cut answer is dropped.
 */
final class AlpacaBlocks implements CandidateParser {
  private static final String BLOCK_SEPARATOR = "###";
  private static final String NO_INPUT = "<noinput>";

  @Override
  public List<Draft> parse(Completion completion, int demonstrations) {
    List<String> blocks = Pieces.around(BLOCK_SEPARATOR, completion.text());
    List<Draft> drafts = new ArrayList<>();
    for (int item = 0; item < blocks.size(); item++) {
      String block = blocks.get(item);
      if (PythonText.strip(block).isEmpty()) {
        continue;
      }
      boolean cut = completion.isCut() && item == blocks.size() - 1;
      drafts.add(
          cut
              ? Draft.failed(item, block, Reason.CUT_BY_LENGTH)
              : readBlock(item, block, demonstrations + 1 + item));
    }
    return drafts;
  }

  private static Draft readBlock(int item, String block, int number) {
    String open = item == 0 ? number + ". Instruction:" : "";
    List<String> texts = Pieces.around(labels(number), open + block);
    if (texts.size() != 4) {
      return Draft.failed(item, block, Reason.MALFORMED);
    }
    String input = PythonText.strip(texts.get(2));
    return Draft.parsed(
        item,
        block,
        PythonText.strip(texts.get(1)),
        PythonCase.lower(input).equals(NO_INPUT) ? "" : input,
        PythonText.strip(texts.get(3)));
  }

  /** Not anchored: block 4's labels are found in "14. Input:" too, as in the program. */
  private static Pattern labels(int number) {
    return Pattern.compile(number + "\\." + PythonText.SPACE + "++(?:Instruction|Input|Output):");
  }
}
