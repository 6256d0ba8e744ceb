package io.cria.seed;

import io.cria.seed.SeedReport.Counts;
import io.cria.seed.SeedReport.Finding;
import io.cria.seed.SeedReport.Severity;
import io.cria.seed.SeedReport.Share;
import io.cria.similarity.Selector;
import io.cria.storage.Location;
import io.cria.task.InputOutput;
import io.cria.task.Instruction;
import io.cria.task.SeedTask;
import io.cria.task.Verdict;
import io.cria.text.PythonText;
import java.io.InputStream;
import java.lang.Character.UnicodeScript;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Judges a file of seed tasks before money is spent on it: shape, duplicates, near-duplicates,
 * empty outputs, balance. An error is what {@link SeedFile#read} refuses; everything else is a
 * warning.
 */
public final class SeedCheck {
  /** Seeds closer than this to each other teach the model to repeat itself. */
  public static final double DEFAULT_THRESHOLD = 0.5;

  /** Demonstrations in one prompt of the self-instruct recipe. */
  private static final int DEMONSTRATIONS = 8;

  /** The share of tasks that may begin with one word, in files large enough to tell. */
  private static final double FIRST_WORD_SHARE = 0.2;

  private static final int ENOUGH_TO_TELL = 20;

  private final List<Finding> findings = new ArrayList<>();
  private final List<SeedFile.Located> tasks;
  private int duplicates;
  private int nearDuplicates;

  private SeedCheck(List<SeedFile.Located> tasks) {
    this.tasks = tasks;
  }

  /**
   * Checks a file.
   *
   * @param empty a selector that has seen no text; its threshold decides what is a near-duplicate
   * @throws io.cria.task.CriaException (bad input) when the file cannot be read at all
   */
  public static SeedReport check(Location file, Selector empty) {
    return check(SeedFile.scan(file), file.toString(), empty);
  }

  /**
   * Checks a stream, which it does not close.
   *
   * @param displayName how messages name the file
   * @param empty a selector that has seen no text; its threshold decides what is a near-duplicate
   * @throws io.cria.task.CriaException (bad input) when the stream cannot be read at all
   */
  public static SeedReport check(InputStream in, String displayName, Selector empty) {
    return check(SeedFile.scan(in, displayName), displayName, empty);
  }

  private static SeedReport check(SeedFile.Contents contents, String name, Selector empty) {
    SeedCheck check = new SeedCheck(contents.tasks());
    for (SeedFile.Problem problem : contents.problems()) {
      check.findings.add(new Finding(Severity.ERROR, problem.line(), problem.text()));
    }
    check.findDuplicates(empty);
    check.findEmptyOutputs();
    Counts counts = check.counts();
    check.findImbalance(counts);
    check.findings.sort(Comparator.comparingInt(Finding::line));
    return new SeedReport(name, check.findings, counts);
  }

  private void findDuplicates(Selector pool) {
    Map<String, SeedFile.Located> byText = new HashMap<>();
    Map<String, SeedFile.Located> byId = new HashMap<>();
    for (SeedFile.Located located : tasks) {
      SeedTask task = located.task();
      byId.put(task.id(), located);
      String text = PythonText.collapse(task.instruction()).toLowerCase(Locale.ROOT);
      SeedFile.Located same = byText.putIfAbsent(text, located);
      if (same != null) {
        duplicates++;
        warn(
            located.line(),
            task.id() + " has the same instruction as " + named(same) + ": remove one of them");
        continue;
      }
      List<Instruction> instruction = List.of(new Instruction(task.id(), task.instruction()));
      Verdict verdict = pool.select(instruction).get(0);
      if (verdict.neighbourId() != null) {
        nearDuplicates++;
        warn(
            located.line(),
            String.format(
                Locale.ROOT,
                "%s is close to %s, ROUGE-L %.2f: reword or remove one of them",
                task.id(),
                named(Objects.requireNonNull(byId.get(verdict.neighbourId()))),
                verdict.neighbourScore()));
        // Judged, it did not join the pool; later tasks are to be compared with it all the same.
        pool.accept(instruction);
      }
    }
  }

  private static String named(SeedFile.Located located) {
    return located.task().id() + " (line " + located.line() + ")";
  }

  private void findEmptyOutputs() {
    for (SeedFile.Located located : tasks) {
      List<InputOutput> instances = located.task().instances();
      for (int n = 0; n < instances.size(); n++) {
        if (instances.get(n).output().isBlank()) {
          warn(
              located.line(),
              located.task().id()
                  + " has an empty output in instances["
                  + n
                  + "]: write the answer or remove the instance");
        }
      }
    }
  }

  private void findImbalance(Counts counts) {
    if (counts.tasks() == 0) {
      return;
    }
    if (counts.tasks() < DEMONSTRATIONS) {
      warn(
          0,
          "too few tasks, "
              + counts.tasks()
              + ": a self-instruct prompt shows "
              + DEMONSTRATIONS
              + " of them");
    }
    if (counts.classification() == 0) {
      warn(0, "no classification task: mark or add some, or few will be generated");
    } else if (counts.classification() == counts.tasks()) {
      warn(0, "every task is a classification: add others, or few others will be generated");
    }
    Share first = counts.firstWords().get(0);
    if (counts.tasks() >= ENOUGH_TO_TELL && first.tasks() > FIRST_WORD_SHARE * counts.tasks()) {
      warn(
          0,
          first.tasks()
              + " of "
              + counts.tasks()
              + " tasks begin with \""
              + first.name()
              + "\": vary how they begin, the model imitates it");
    }
  }

  private void warn(int line, String message) {
    findings.add(new Finding(Severity.WARNING, line, message));
  }

  private Counts counts() {
    int classification = 0;
    int instances = 0;
    int withInput = 0;
    int emptyOutputs = 0;
    for (SeedFile.Located located : tasks) {
      classification += located.task().isClassification() ? 1 : 0;
      for (InputOutput instance : located.task().instances()) {
        instances++;
        withInput += instance.input().isBlank() ? 0 : 1;
        emptyOutputs += instance.output().isBlank() ? 1 : 0;
      }
    }
    return new Counts(
        tasks.size(),
        classification,
        instances,
        withInput,
        emptyOutputs,
        duplicates,
        nearDuplicates,
        shares(SeedCheck::firstWord),
        shares(SeedCheck::script));
  }

  private List<Share> shares(Function<String, String> name) {
    Map<String, Integer> counts = new TreeMap<>();
    for (SeedFile.Located located : tasks) {
      counts.merge(name.apply(located.task().instruction()), 1, Integer::sum);
    }
    return counts.entrySet().stream()
        .map(entry -> new Share(entry.getKey(), entry.getValue()))
        .sorted(Comparator.comparingInt(Share::tasks).reversed().thenComparing(Share::name))
        .toList();
  }

  private static String firstWord(String instruction) {
    List<String> words = PythonText.words(instruction);
    return words.isEmpty() ? "" : words.get(0).toLowerCase(Locale.ROOT);
  }

  /**
   * The script most letters are of; Japanese where Han stands beside Kana; None without letters.
   */
  private static String script(String instruction) {
    Map<UnicodeScript, Integer> letters = new TreeMap<>();
    instruction
        .codePoints()
        .filter(Character::isLetter)
        .mapToObj(UnicodeScript::of)
        .filter(script -> script != UnicodeScript.COMMON && script != UnicodeScript.INHERITED)
        .forEach(script -> letters.merge(script, 1, Integer::sum));
    UnicodeScript most =
        letters.entrySet().stream()
            .max(Map.Entry.comparingByValue())
            .map(Map.Entry::getKey)
            .orElse(UnicodeScript.UNKNOWN);
    boolean kana =
        letters.containsKey(UnicodeScript.HIRAGANA) || letters.containsKey(UnicodeScript.KATAKANA);
    return switch (most) {
      case UNKNOWN -> "None";
      case HIRAGANA, KATAKANA -> "Japanese";
      case HAN -> kana ? "Japanese" : "Han";
      default -> {
        String name = most.name();
        yield name.charAt(0) + name.substring(1).toLowerCase(Locale.ROOT).replace('_', ' ');
      }
    };
  }
}
