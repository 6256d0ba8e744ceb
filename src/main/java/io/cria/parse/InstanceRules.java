package io.cria.parse;

import io.cria.task.InputOutput;
import io.cria.task.InstanceDraft;
import io.cria.task.Reason;
import io.cria.text.PythonText;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The rules of the Self-Instruct program on the instances of one instruction, in its order: each by
 * itself, then all together. A draft that already has a reason keeps it and takes no part.
 */
final class InstanceRules {
  private InstanceRules() {}

  /** The colon of the published rule. */
  static final String COLON = ":";

  /**
   * @param colons the characters, any of which an instance must not end with
   */
  static List<InstanceDraft> judge(List<InstanceDraft> drafts, String colons) {
    List<InstanceDraft> valid = new ArrayList<>(drafts);
    valid.replaceAll(draft -> droppedFor(draft, ownFault(draft, colons)));
    return dropRepeated(valid, hasConflict(valid));
  }

  private static @Nullable String ownFault(InstanceDraft draft, String colons) {
    if (draft.input().equals(draft.output())) {
      return Reason.SAME_AS_INPUT;
    }
    if (draft.output().isEmpty()) {
      return Reason.EMPTY_OUTPUT;
    }
    return endsWith(colons, draft.input()) || endsWith(colons, draft.output())
        ? Reason.ENDS_WITH_COLON
        : null;
  }

  private static boolean endsWith(String colons, String text) {
    String stripped = PythonText.strip(text);
    return !stripped.isEmpty() && colons.indexOf(stripped.charAt(stripped.length() - 1)) >= 0;
  }

  /** Whether one input, not empty, stands with two different outputs. */
  private static boolean hasConflict(List<InstanceDraft> drafts) {
    Map<String, String> outputs = new HashMap<>();
    for (InstanceDraft draft : drafts) {
      if (draft.kept() && !draft.input().isEmpty()) {
        String earlier = outputs.putIfAbsent(draft.input(), draft.output());
        if (earlier != null && !earlier.equals(draft.output())) {
          return true;
        }
      }
    }
    return false;
  }

  private static List<InstanceDraft> dropRepeated(List<InstanceDraft> drafts, boolean conflict) {
    Set<InputOutput> seen = new HashSet<>();
    List<InstanceDraft> judged = new ArrayList<>(drafts.size());
    for (InstanceDraft draft : drafts) {
      String fault = null;
      if (conflict) {
        fault = Reason.CONFLICTING_OUTPUTS;
      } else if (draft.kept() && !seen.add(new InputOutput(draft.input(), draft.output()))) {
        fault = Reason.DUPLICATE;
      }
      judged.add(droppedFor(draft, fault));
    }
    return judged;
  }

  private static InstanceDraft droppedFor(InstanceDraft draft, @Nullable String fault) {
    return draft.kept() && fault != null ? draft.dropped(fault) : draft;
  }
}
