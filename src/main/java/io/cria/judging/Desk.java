package io.cria.judging;

import io.cria.evaluate.VerdictFile;
import io.cria.page.PageException;
import io.cria.task.CriaException;
import java.text.Normalizer;
import java.time.Clock;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where raters judge a sheet. What a rater says is on the disk when the call returns. A file that
 * another program changed is read anew before something is added to it; what is written between
 * that look and ours is seen by a second look just before the file is replaced, and refused. Only
 * what comes between the second look and the replacing is lost: one rater judges in one place.
 */
final class Desk {
  private static final int LONGEST_NAME = 60;
  private static final int LONGEST_COMMENT = 10_000;

  private final Sheet sheet;
  private final RaterFiles files;
  private final Clock clock;
  private final Set<String> questions;
  private final String mark;
  private final Map<String, Known> known = new HashMap<>();

  private record Known(Optional<String> text, RaterLines lines) {}

  /**
   * How far a rater is.
   *
   * @param done items that are judged
   * @param of all items
   * @param next place of the first item that is not judged, from the one asked about on; null where
   *     all are
   * @param hasLast whether there is a verdict to take back
   */
  record Progress(String rater, int done, int of, @Nullable Integer next, boolean hasLast) {}

  /**
   * An item before a rater.
   *
   * @param sheet mark of the sheet that it is on
   * @param n its place, from 0
   * @param verdicts what the rater said of it before, by question
   */
  record Before(
      String sheet,
      int n,
      String instruction,
      String input,
      List<String> answers,
      Map<String, String> verdicts,
      String comment,
      Progress progress) {}

  Desk(Sheet sheet, RaterFiles files, Clock clock) {
    this.sheet = sheet;
    this.files = files;
    this.clock = clock;
    this.questions = sheet.verdicts().keySet();
    this.mark = sheet.mark();
  }

  /** Tells the sheet from others. */
  String mark() {
    return mark;
  }

  /**
   * A rater sits down.
   *
   * @param name as it was typed
   * @param goOn the rater says that the verdicts under this name are their own
   * @throws PageException when there are verdicts of somebody of that name
   */
  synchronized Progress enter(String name, boolean goOn) {
    String rater = rater(name);
    if (!goOn) {
      Optional<String> other = files.likeness(rater);
      if (other.isPresent()) {
        throw PageException.conflict(
            other.get() + " has judged " + done(lines(other.get())) + " here already",
            Map.of("rater", other.get()));
      }
    }
    return progress(rater, 0);
  }

  /** A name as it stands in files. */
  static String rater(String name) {
    String rater = Normalizer.normalize(name.strip(), Normalizer.Form.NFC);
    if (rater.length() > LONGEST_NAME || rater.chars().anyMatch(Character::isISOControl)) {
      throw CriaException.badInput(
          "no rater's name: give one line of at most " + LONGEST_NAME + " characters");
    }
    return VerdictFile.requireRater(rater);
  }

  /** An item with what the rater said of it, if they did. */
  synchronized Before item(String rater, int n) {
    Sheet.Item item = at(n);
    RaterLines lines = lines(rater);
    return new Before(
        mark,
        n,
        item.instruction(),
        item.input(),
        item.answers(),
        lines.verdicts(item.subject()),
        lines.comment(item.subject()),
        progress(rater, n));
  }

  /**
   * Keeps what a rater says of an item, in place of what they said before.
   *
   * @param before what they had said where they judged: elsewhere more may have been said since
   * @param verdicts one for each question
   */
  synchronized Progress judge(
      String rater,
      int n,
      Map<String, String> before,
      Map<String, String> verdicts,
      String comment) {
    String subject = at(n).subject();
    String words = comment.strip();
    if (words.length() > LONGEST_COMMENT) {
      throw PageException.badRequest("a comment has at most " + LONGEST_COMMENT + " characters");
    }
    Map<String, String> inOrder = new LinkedHashMap<>();
    sheet
        .verdicts()
        .forEach(
            (question, choices) -> {
              String verdict = verdicts.get(question);
              if (verdict == null || !choices.contains(verdict)) {
                throw PageException.badRequest(question + " takes one of " + choices);
              }
              inOrder.put(question, verdict);
            });
    RaterLines lines = lines(rater);
    Map<String, String> kept = lines.verdicts(subject);
    // the same once more is from a page that did not hear that it was kept
    if (!kept.equals(before) && !kept.equals(inOrder)) {
      throw PageException.conflict(
          "this one was judged by " + rater + " elsewhere meanwhile: load the page again");
    }
    keep(rater, lines.with(subject, inOrder, words, clock.instant()));
    return progress(rater, n);
  }

  /** Takes back the last verdict, and returns its item with what had been said. */
  synchronized Before undo(String rater) {
    RaterLines lines = lines(rater);
    String subject =
        lines
            .latest()
            .orElseThrow(() -> PageException.badRequest("there is no verdict to take back"));
    Before before = item(rater, place(subject));
    keep(rater, lines.without(subject));
    return new Before(
        mark,
        before.n(),
        before.instruction(),
        before.input(),
        before.answers(),
        before.verdicts(),
        before.comment(),
        progress(rater, before.n()));
  }

  private int place(String subject) {
    for (int n = 0; n < sheet.items().size(); n++) {
      if (sheet.items().get(n).subject().equals(subject)) {
        return n;
      }
    }
    throw new IllegalStateException("verdicts are on what is judged here");
  }

  private Sheet.Item at(int n) {
    if (n < 0 || n >= sheet.items().size()) {
      throw PageException.notFound("there are " + sheet.items().size() + " here, no number " + n);
    }
    return sheet.items().get(n);
  }

  private RaterLines lines(String rater) {
    Optional<String> text = files.text(rater);
    Known before = known.get(rater);
    if (before == null || !before.text().equals(text)) {
      before = new Known(text, RaterLines.read(files.place(rater), text, rater, sheet));
      known.put(rater, before);
    }
    return before.lines();
  }

  private void keep(String rater, RaterLines lines) {
    String text = lines.text();
    Known before = known.get(rater);
    if (!files.keep(rater, before == null ? Optional.empty() : before.text(), text)) {
      throw PageException.conflict(
          "the verdicts of "
              + rater
              + " were written by another program meanwhile: load the page again");
    }
    known.put(rater, new Known(text.isEmpty() ? Optional.empty() : Optional.of(text), lines));
  }

  private int done(RaterLines lines) {
    int done = 0;
    for (Sheet.Item item : sheet.items()) {
      done += lines.isJudged(item.subject(), questions) ? 1 : 0;
    }
    return done;
  }

  private Progress progress(String rater, int from) {
    RaterLines lines = lines(rater);
    int of = sheet.items().size();
    Integer next = null;
    for (int step = 0; step < of && next == null; step++) {
      int n = (from + step) % of;
      if (!lines.isJudged(sheet.items().get(n).subject(), questions)) {
        next = n;
      }
    }
    return new Progress(rater, done(lines), of, next, lines.latest().isPresent());
  }
}
