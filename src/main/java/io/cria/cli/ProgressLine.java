package io.cria.cli;

import io.cria.run.Pace;
import io.cria.task.Amount;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The line that tells how work goes. It is made of pieces, of which the least important ones are
 * left out until it fits.
 *
 * <pre>{@code
 * generate round 3  140/400  35 %  $1.23 of $5.00, +$0.40 reserved  12.5/s  ETA 21 s  812/1000 kept
 * }</pre>
 */
final class ProgressLine {
  private static final double SHARE_TOLD = 0.005;
  private static final double THOUSAND = 1e3;
  private static final double MILLION = 1e6;
  private static final double PERCENT = 100;

  /** What a piece tells, the most important first. */
  private enum Rank {
    WORK,
    WAITING,
    LEFT,
    SPENT,
    RATE,
    DETAIL,
    KEPT,
    REFUSED,
    PERCENT_DONE,
    TOKENS,
    RESERVED,
    IN_FLIGHT,
    LIMIT
  }

  private record Piece(Rank rank, String text) {}

  private static final String GAP = "  ";

  private final List<Piece> pieces = new ArrayList<>();

  /**
   * @param what the work's name
   * @param done units of it
   * @param total of them; -1 when not known
   */
  ProgressLine(String what, long done, long total) {
    add(Rank.WORK, what + GAP + done + (total >= 0 ? "/" + total : ""));
    if (total > 0) {
      add(Rank.PERCENT_DONE, GAP + 100 * done / total + " %");
    }
  }

  /**
   * What was paid.
   *
   * @param usd for this work; null when no price is known
   * @param pace with what was spent of caps; null without
   */
  ProgressLine paid(@Nullable Double usd, @Nullable Pace pace) {
    Amount cap = pace == null ? Amount.UNBOUNDED : pace.cap();
    if (pace != null && cap.requests() != Amount.NO_BOUND) {
      capped(
          whole(pace.spent().requests()) + " of " + whole(cap.requests()) + " requests",
          whole(pace.reserved().requests()),
          pace.reserved().requests());
    }
    if (pace != null && cap.tokens() != Amount.NO_BOUND) {
      capped(
          whole(pace.spent().tokens()) + " of " + whole(cap.tokens()) + " tokens",
          whole(pace.reserved().tokens()),
          pace.reserved().tokens());
    }
    if (pace != null && cap.nanoUsd() != Amount.NO_BOUND) {
      BigDecimal most = cap.usd();
      capped(
          dollars(pace.spent().usd(), most) + " of " + dollars(most, most),
          dollars(pace.reserved().usd(), most),
          pace.reserved().nanoUsd());
    } else if (usd != null && usd > 0) {
      BigDecimal paid = BigDecimal.valueOf(usd);
      add(Rank.SPENT, GAP + dollars(paid, paid));
    }
    return this;
  }

  private void capped(String spent, String reserved, long held) {
    add(Rank.SPENT, GAP + spent);
    if (held > 0) {
      add(Rank.RESERVED, ", +" + reserved + " reserved");
    }
  }

  /**
   * How fast it goes and when it is through. Where something holds asking back, that is said
   * instead of a time.
   *
   * @param perSecond units of the work a second, smoothed
   * @param left units still to be done; 0 when not known
   * @param pace of asking; null where nothing is asked
   */
  ProgressLine going(double perSecond, long left, @Nullable Pace pace) {
    double rate = pace == null ? perSecond : pace.requestsPerSecond();
    if (rate > 0) {
      add(Rank.RATE, GAP + rate(rate) + "/s");
    }
    if (pace != null && !pace.waitingFor().isEmpty()) {
      add(Rank.WAITING, GAP + "waiting for " + pace.waitingFor());
    } else if (left > 0 && perSecond > 0) {
      Duration time = Duration.ofMillis((long) (1000 * left / perSecond));
      add(Rank.LEFT, GAP + "ETA " + ConsoleProgress.seconds(time));
    }
    return this;
  }

  /** A few words of the work's own; none where empty. */
  ProgressLine detail(String words) {
    if (!words.isEmpty()) {
      add(Rank.DETAIL, GAP + words);
    }
    return this;
  }

  /** How many instructions the run has accepted, of how many. */
  ProgressLine kept(long kept, long target) {
    add(Rank.KEPT, GAP + kept + "/" + target + " kept");
    return this;
  }

  /** What there is to say about the endpoint. */
  ProgressLine asking(Pace pace) {
    if (pace.refusedShare() >= SHARE_TOLD) {
      add(
          Rank.REFUSED,
          GAP + String.format(Locale.ROOT, "%.0f %% 429s", PERCENT * pace.refusedShare()));
    }
    if (pace.tokensPerSecond() > 0) {
      add(Rank.TOKENS, GAP + whole(Math.round(pace.tokensPerSecond())) + " tokens/s");
    }
    add(Rank.IN_FLIGHT, GAP + pace.inFlight() + "/" + pace.window() + " in flight");
    if (Double.isFinite(pace.allowedPerSecond())) {
      add(Rank.LIMIT, GAP + "limit " + rate(pace.allowedPerSecond()) + "/s");
    }
    return this;
  }

  /** How long it took. */
  ProgressLine took(Duration time) {
    add(Rank.LEFT, GAP + ConsoleProgress.seconds(time));
    return this;
  }

  private void add(Rank rank, String text) {
    pieces.add(new Piece(rank, text));
  }

  /** The line in at most so many columns: what must be told is rather cut than left out. */
  String text(int columns) {
    List<Piece> shown = new ArrayList<>(pieces);
    Piece least = least(shown);
    while (length(shown) > columns && least.rank().compareTo(Rank.WAITING) > 0) {
      shown.remove(least);
      least = least(shown);
    }
    return TextTable.cut(joined(shown), columns);
  }

  private static Piece least(List<Piece> pieces) {
    return Collections.max(pieces, Comparator.comparing(Piece::rank));
  }

  private static int length(List<Piece> pieces) {
    return pieces.stream().mapToInt(piece -> piece.text().length()).sum();
  }

  private static String joined(List<Piece> pieces) {
    StringBuilder line = new StringBuilder();
    pieces.forEach(piece -> line.append(piece.text()));
    return line.toString();
  }

  private static String rate(double perSecond) {
    return String.format(Locale.ROOT, perSecond < PERCENT ? "%.1f" : "%.0f", perSecond);
  }

  /** For example {@code 980, 12.3k, 4.56M}. */
  static String whole(long count) {
    if (count < 10 * THOUSAND) {
      return Long.toString(count);
    }
    return count < MILLION
        ? String.format(Locale.ROOT, "%.1fk", count / THOUSAND)
        : String.format(Locale.ROOT, "%.2fM", count / MILLION);
  }

  /** Cents, or where the whole is less than a dollar, hundredths of them. */
  static String dollars(BigDecimal usd, BigDecimal whole) {
    int digits = whole.compareTo(BigDecimal.ONE) < 0 ? 4 : 2;
    return "$" + usd.setScale(digits, RoundingMode.HALF_UP).toPlainString();
  }
}
