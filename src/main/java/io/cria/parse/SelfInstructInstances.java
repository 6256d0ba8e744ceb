package io.cria.parse;

import io.cria.task.Completion;
import io.cria.task.InputOutput;
import io.cria.task.InstanceDraft;
import io.cria.task.Reason;
import io.cria.text.PythonText;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The instances of Self-Instruct (arXiv 2212.10560, section 2.2, and its published program): label
 * first and then the input for classification, "Example n", "Input n:", "Output n:" otherwise. The
 * last instance of a cut answer is dropped; {@link InstanceRules} judges the others.
 */
final class SelfInstructInstances implements InstanceParser {
  private static final String CLASS_LABEL = "Class label:";
  private static final Pattern EXAMPLE =
      Pattern.compile("Example" + PythonText.SPACE + "?+" + PythonText.DIGIT + "*+\\.?+");
  private static final Pattern OUTPUT = label("Output");
  private static final Pattern INPUT = label("Input");

  /** Possessive throughout: no two neighbours of the pattern share a character. */
  private static Pattern label(String word) {
    String spaces = PythonText.SPACE + "*+";
    return Pattern.compile(word + spaces + PythonText.DIGIT + "*+" + spaces + ":");
  }

  @Override
  public List<InstanceDraft> parse(
      String instruction, boolean isClassification, Completion completion) {
    List<String> pieces =
        isClassification ? labelFirst(completion.text()) : inputFirst(completion.text());
    if (pieces.isEmpty()) {
      String reason = completion.isCut() ? Reason.CUT_BY_LENGTH : Reason.MALFORMED;
      return List.of(new InstanceDraft(0, completion.text(), "", "", reason));
    }
    List<InstanceDraft> drafts = new ArrayList<>();
    for (int n = 0; n < pieces.size(); n++) {
      String piece = pieces.get(n);
      InputOutput instance = isClassification ? readLabelFirst(piece) : readInputFirst(piece);
      boolean cut = completion.isCut() && n == pieces.size() - 1;
      drafts.add(
          new InstanceDraft(
              n, piece, instance.input(), instance.output(), cut ? Reason.CUT_BY_LENGTH : null));
    }
    return InstanceRules.judge(drafts, InstanceRules.COLON);
  }

  /** What follows each label; what stands before the first is no instance. */
  private static List<String> labelFirst(String text) {
    List<String> pieces = Pieces.around(CLASS_LABEL, text);
    return pieces.subList(1, pieces.size()).stream().map(PythonText::strip).toList();
  }

  private static InputOutput readLabelFirst(String piece) {
    int lineEnd = piece.indexOf('\n');
    return lineEnd < 0
        ? new InputOutput("", piece)
        : new InputOutput(
            PythonText.strip(piece.substring(lineEnd + 1)),
            PythonText.strip(piece.substring(0, lineEnd)));
  }

  /** The texts between "Example n"; without any, the whole answer when it has an output label. */
  private static List<String> inputFirst(String text) {
    String stripped = PythonText.strip(text);
    List<String> pieces = Pieces.around(EXAMPLE, stripped);
    if (pieces.size() > 1) {
      return pieces.stream().map(PythonText::strip).filter(piece -> !piece.isEmpty()).toList();
    }
    return OUTPUT.matcher(stripped).find() ? List.of(stripped) : List.of();
  }

  private static InputOutput readInputFirst(String piece) {
    List<String> parts = Pieces.around(OUTPUT, piece);
    boolean labelled = parts.size() > 1;
    String input = labelled ? PythonText.strip(parts.get(0)) : "";
    String output = PythonText.strip(labelled ? parts.get(1) : piece);
    return new InputOutput(
        PythonText.strip(withoutLeadingLabel(input)),
        PythonText.strip(Pieces.around(INPUT, output).get(0)));
  }

  private static String withoutLeadingLabel(String input) {
    var matcher = INPUT.matcher(input);
    return matcher.lookingAt() ? input.substring(matcher.end()) : input;
  }
}
