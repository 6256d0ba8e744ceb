package io.cria.parse;

import io.cria.task.Completion;
import io.cria.task.InputOutput;
import io.cria.task.InstanceDraft;
import io.cria.task.Labels;
import io.cria.task.Reason;
import io.cria.text.PythonCase;
import io.cria.text.PythonText;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Self-Instruct's instances in any words and in the forms of {@link LineLabels}. It differs from
 * {@link SelfInstructInstances} in this: labels count at the beginning of a line only, since other
 * languages have the words for them inside others; an answer ends where the next task begins, by
 * the word that the prompt writes; and a placeholder for no input is none. The last instance of a
 * cut answer is dropped.
 */
final class LenientInstances implements InstanceParser {
  private final LineLabels task;
  private final LineLabels input;
  private final LineLabels output;
  private final LineLabels classLabel;
  private final Pattern example;
  private final List<String> noInput;

  LenientInstances(Labels labels) {
    // its other words are common nouns, which lines of an output begin with
    this.task = LineLabels.of(labels.task().subList(0, 1));
    this.input = LineLabels.of(labels.input());
    this.output = LineLabels.of(labels.output());
    this.classLabel = LineLabels.of(labels.classLabel());
    this.noInput = labels.noInput().stream().map(PythonCase::lower).toList();
    // "Example 2", alone on its line or with a mark behind it; the bare word is no label
    this.example =
        Pattern.compile(
            "^"
                + LineLabels.GAP
                + "*+[#*\\[(<]*+"
                + LineLabels.GAP
                + "*+"
                + LineLabels.any(labels.example())
                + LineLabels.GAP
                + "*+"
                + PythonText.DIGIT
                + "++[\\])>]?+(?:["
                + LineLabels.COLONS
                + "]|"
                + LineLabels.MARK
                + ")?+(?:\\*\\*)?+(?=[\\n\\r]|$|"
                + LineLabels.GAP
                + ")",
            LineLabels.FLAGS);
  }

  @Override
  public List<InstanceDraft> parse(
      String instruction, boolean isClassification, Completion completion) {
    int end = end(completion.text());
    String text = behindEcho(completion.text().substring(0, end));
    boolean cut = completion.isCut() && end == completion.text().length();
    List<String> pieces = isClassification ? labelFirst(text) : inputFirst(text);
    if (pieces.isEmpty()) {
      String reason = cut ? Reason.CUT_BY_LENGTH : Reason.MALFORMED;
      return List.of(new InstanceDraft(0, completion.text(), "", "", reason));
    }
    List<InstanceDraft> drafts = new ArrayList<>();
    for (int n = 0; n < pieces.size(); n++) {
      String piece = pieces.get(n);
      InputOutput instance = isClassification ? readLabelFirst(piece) : readInputFirst(piece);
      drafts.add(
          new InstanceDraft(
              n,
              piece,
              instance.input(),
              instance.output(),
              cut && n == pieces.size() - 1 ? Reason.CUT_BY_LENGTH : null));
    }
    return InstanceRules.judge(drafts, LineLabels.COLONS);
  }

  private static boolean beginsWithTask(String text, List<LineLabels.Found> tasks) {
    return !tasks.isEmpty() && text.substring(0, tasks.get(0).start()).isBlank();
  }

  /** Where the next task begins; an answer may begin with its own. */
  private int end(String text) {
    List<LineLabels.Found> tasks = task.in(text);
    int next = beginsWithTask(text, tasks) ? 1 : 0;
    return next < tasks.size() ? tasks.get(next).start() : text.length();
  }

  /** From the first label on, where the answer begins with its task. */
  private String behindEcho(String text) {
    List<LineLabels.Found> tasks = task.in(text);
    if (!beginsWithTask(text, tasks)) {
      return text;
    }
    IntStream labels =
        Stream.of(input, output, classLabel)
            .flatMap(label -> label.in(text).stream())
            .mapToInt(LineLabels.Found::start);
    IntStream examples = example.matcher(text).results().mapToInt(MatchResult::start);
    int from =
        IntStream.concat(labels, examples)
            .filter(start -> start >= tasks.get(0).end())
            .min()
            .orElse(0);
    return text.substring(from);
  }

  /** What follows each label; what stands before the first is no instance. */
  private List<String> labelFirst(String text) {
    List<String> pieces = new ArrayList<>();
    List<LineLabels.Found> labels = classLabel.in(text);
    for (int i = 0; i < labels.size(); i++) {
      int end = i + 1 < labels.size() ? labels.get(i + 1).start() : text.length();
      pieces.add(PythonText.strip(text.substring(labels.get(i).end(), end)));
    }
    return pieces;
  }

  private InputOutput readLabelFirst(String piece) {
    int lineEnd = piece.indexOf('\n');
    return lineEnd < 0
        ? new InputOutput("", piece)
        : new InputOutput(
            material(piece.substring(lineEnd + 1)), PythonText.strip(piece.substring(0, lineEnd)));
  }

  /** The texts between the examples; without any, the whole answer when it has an output label. */
  private List<String> inputFirst(String text) {
    List<String> pieces = Pieces.around(example, text);
    if (pieces.size() > 1) {
      return pieces.stream().map(PythonText::strip).filter(piece -> !piece.isEmpty()).toList();
    }
    return output.in(text).isEmpty() ? List.of() : List.of(PythonText.strip(text));
  }

  private InputOutput readInputFirst(String piece) {
    List<LineLabels.Found> labels = output.in(piece);
    if (labels.isEmpty()) {
      return new InputOutput("", upTo(piece, input.in(piece)));
    }
    String answer =
        piece.substring(
            labels.get(0).end(), labels.size() > 1 ? labels.get(1).start() : piece.length());
    return new InputOutput(
        material(piece.substring(0, labels.get(0).start())), upTo(answer, input.in(answer)));
  }

  private static String upTo(String text, List<LineLabels.Found> labels) {
    return PythonText.strip(labels.isEmpty() ? text : text.substring(0, labels.get(0).start()));
  }

  /** An input without the label before it, and empty where a placeholder stands for it. */
  private String material(String text) {
    String stripped = PythonText.strip(text);
    LineLabels.Found label = input.at(stripped);
    String bare = label == null ? stripped : PythonText.strip(stripped.substring(label.end()));
    return noInput.contains(PythonCase.lower(bare)) ? "" : bare;
  }
}
