package io.cria.stage;

import io.cria.evaluate.VerdictFile;
import io.cria.run.AskContext;
import io.cria.storage.RunDirectory;
import io.cria.task.Counted;
import io.cria.task.CriaException;
import io.cria.task.Ids;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;

/** People's files of verdicts that a judgement keeps, one a rater. */
public final class KeptVerdicts {
  private static final int NAME_LENGTH = 16;

  private static final String UNCOUNTED = "_uncounted";

  private KeptVerdicts() {}

  /**
   * Leaves a mark in a judgement's directory that people's files may hold what no report counts
   * yet. A state in status.json would not do: whatever is done there next would end it.
   */
  public static void uncounted(RunDirectory directory) {
    if (!directory.exists(UNCOUNTED)) {
      directory.replaceDurably(UNCOUNTED, "verdicts were given that no report counts yet\n");
    }
  }

  /** Whether that mark is there. */
  public static boolean areUncounted(RunDirectory directory) {
    return directory.exists(UNCOUNTED);
  }

  /** What is read from now on is counted; who writes meanwhile leaves the mark anew. */
  static void counting(RunDirectory directory) {
    directory.delete(UNCOUNTED);
  }

  /** Where a rater's file lies, by the rater's name, which may hold what no file's may. */
  public static String path(String folder, String rater) {
    return folder + "/" + Ids.sha256(rater).substring(0, NAME_LENGTH) + ".jsonl";
  }

  /**
   * Removes the files of raters who withdrew: what is made from those that stay is made anew.
   *
   * @return whether there was one; a rater without a file has withdrawn already
   */
  static boolean withdraw(AskContext context, String folder, List<String> raters) {
    boolean removed = false;
    for (String rater : raters) {
      String path = path(folder, rater);
      if (context.run().exists(path)) {
        context.checkpoint();
        uncounted(context.run());
        context.run().delete(path);
        context.progress().note("the verdicts of " + rater + " are withdrawn");
        removed = true;
      } else {
        context.progress().note("there are no verdicts of '" + rater + "' to withdraw");
      }
    }
    return removed;
  }

  /**
   * Takes files in place of what is kept of the same raters, and withdraws raters.
   *
   * @param files of different raters
   * @param texts what the files hold, by rater
   * @param reader from a file's name and its text
   * @param without raters who withdraw
   * @return whether anything changed
   * @throws CriaException (bad input) before anything is changed, when a rater is given and
   *     withdrawn at once, or has verdicts that the new file lacks
   */
  static boolean take(
      AskContext context,
      String folder,
      List<VerdictFile> files,
      Map<String, String> texts,
      BiFunction<String, String, VerdictFile> reader,
      List<String> without) {
    VerdictFile.requireNone(files, without);
    for (VerdictFile file : files) {
      requireNoneLost(context.run(), folder, file, reader);
    }
    boolean changed = withdraw(context, folder, without);
    for (VerdictFile file : files) {
      if (file.replaced() > 0) {
        context
            .progress()
            .note(
                file.name()
                    + ": "
                    + Counted.of(file.replaced(), "line")
                    + " taken back by later ones on the same question");
      }
      changed |= keep(context, folder, file, texts.getOrDefault(file.rater(), ""));
    }
    return changed;
  }

  private static boolean keep(AskContext context, String folder, VerdictFile file, String text) {
    String path = path(folder, file.rater());
    Optional<String> there = context.run().text(path);
    if (there.equals(Optional.of(text))) {
      return false;
    }
    if (there.isPresent()) {
      context
          .progress()
          .note(file.name() + ": in place of the verdicts of " + file.rater() + " given before");
    }
    context.checkpoint();
    uncounted(context.run());
    context.run().replace(path, text);
    return true;
  }

  /** What a rater said on a page has no other copy than the one that would be replaced. */
  private static void requireNoneLost(
      RunDirectory run,
      String folder,
      VerdictFile file,
      BiFunction<String, String, VerdictFile> reader) {
    String path = path(folder, file.rater());
    Optional<String> there = run.text(path);
    if (there.isEmpty()) {
      return;
    }
    Set<List<String>> told = new HashSet<>();
    file.entries().forEach(entry -> told.add(List.of(entry.subject(), entry.question())));
    List<VerdictFile.Entry> lost =
        reader.apply(run.path(path), there.get()).entries().stream()
            .filter(entry -> !told.contains(List.of(entry.subject(), entry.question())))
            .toList();
    if (!lost.isEmpty()) {
      throw CriaException.badInput(
          file.name()
              + ": of "
              + file.rater()
              + " "
              + Counted.of(lost.size(), "verdict")
              + " that this file lacks would be lost ("
              + lost.get(0).question()
              + " of "
              + lost.get(0).subject()
              + (lost.size() > 1 ? ", …" : "")
              + "; kept in "
              + run.path(path)
              + "): give a file with them, or withdraw the kept ones first by a call with --without "
              + file.rater());
    }
  }

  /**
   * All that is kept, by rater.
   *
   * @param reader from a file's name and its text
   */
  static List<VerdictFile> read(
      RunDirectory run, String folder, BiFunction<String, String, VerdictFile> reader) {
    List<VerdictFile> files = new ArrayList<>();
    for (String name : run.list(folder)) {
      String path = folder + "/" + name;
      run.text(path).ifPresent(text -> files.add(reader.apply(run.path(path), text)));
    }
    return VerdictFile.ofDifferentRaters(files);
  }
}
