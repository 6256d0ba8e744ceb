package io.cria.ask;

import io.cria.llm.LedgerEntry;
import io.cria.llm.Outcome;
import io.cria.run.AskContext;
import io.cria.run.Line;
import io.cria.run.RunTables;
import io.cria.run.StageDeclaration;
import io.cria.storage.AskedTotals;
import io.cria.storage.Commits;
import io.cria.storage.LedgerFiles;
import io.cria.storage.Manifest;
import io.cria.task.Part;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.apache.parquet.filter2.compat.FilterCompat;
import org.apache.spark.sql.Row;

/**
 * The planned rounds of one stage, part by part: what is not committed is asked, read and committed
 * in ascending order, the next parts being asked meanwhile. Nothing of a part is held once it is
 * committed.
 */
public final class AskedParts {
  private final AskContext context;
  private final StageDeclaration stage;
  private final Asker asker;
  private final Work work;
  private final CommitRules rules;
  private final Commits commits;
  private final Map<Integer, Round> rounds = new HashMap<>();
  private final List<Held> held = new ArrayList<>();

  /** What a stage makes of the answers. */
  public interface Work {
    /** What is made of one answer; on the executors. */
    AnswerReading.Reader reader();

    /** What counts as a text of use. */
    LedgerScan.TextTest usable();

    /**
     * From what the answers of a part gave to the rows of the table: in order, and complete.
     *
     * @param read in request order
     */
    List<Row> rows(Part part, List<Row> read);

    /** Rows by reason, for the manifest. */
    Map<String, Long> counts(List<Row> rows);

    /**
     * Whether no request may be left without an answer of use: no round is closed then, and what is
     * asked again is all that brought no text of use, not only what was rejected.
     */
    default boolean needsAll() {
      return false;
    }

    /** Told after a part is committed. */
    default void committed(Part part, Manifest manifest) {}
  }

  /**
   * A round at work.
   *
   * @param requests what its parts were planned as
   * @param earlier segments that were there before and hold records of open parts; grows
   * @param done the manifests of its committed parts, in order; grows
   * @param closing whether what is not answered is taken as not sent
   */
  private record Round(
      Manifest.Input requests, Set<String> earlier, List<Manifest> done, boolean closing) {}

  public AskedParts(AskContext context, StageDeclaration stage, Asker asker, Work work) {
    this.context = context;
    this.stage = stage;
    this.asker = asker;
    this.work = work;
    this.rules =
        new CommitRules(
            context.run().root(), stage.name(), context.asking().limits().failedShare());
    this.commits = new Commits(context.run());
  }

  /**
   * The parts of a planned round that are committed, up to the first that is not.
   *
   * @return their manifests, in order
   */
  public static List<Manifest> committed(AskContext context, StageDeclaration stage, int round) {
    List<Manifest> parts = new ArrayList<>();
    Commits commits = new Commits(context.run());
    Optional<Manifest> requests = commits.manifest(stage.requests(round));
    if (requests.isEmpty()) {
      return parts;
    }
    Manifest.Input planned = new Manifest.Input(stage.requests(round), requests.get().digest());
    for (int part = 0; part < Part.count(requests.get().rows()); part++) {
      Optional<Manifest> made =
          RunTables.upToDate(
              context,
              Commits.part(stage.table().round(round), part),
              stage,
              inputs(stage, planned, round, parts));
      if (made.isEmpty()) {
        break;
      }
      parts.add(made.get());
    }
    return parts;
  }

  /** Whether a planned round has all its parts. */
  public static boolean isWhole(AskContext context, StageDeclaration stage, int round) {
    long rows =
        new Commits(context.run()).manifest(stage.requests(round)).map(Manifest::rows).orElse(-1L);
    return rows >= 0 && committed(context, stage, round).size() == Part.count(rows);
  }

  /** A part is made from the plan and from what stands before it in its round. */
  private static List<Manifest.Input> inputs(
      StageDeclaration stage, Manifest.Input planned, int round, List<Manifest> before) {
    List<Manifest.Input> inputs = new ArrayList<>();
    inputs.add(planned);
    if (!before.isEmpty()) {
      int last = before.size() - 1;
      inputs.add(
          new Manifest.Input(
              Commits.part(stage.table().round(round), last), before.get(last).digest()));
    }
    return inputs;
  }

  /**
   * Asks and commits what these rounds lack.
   *
   * @param planned ascending
   * @param closing whether they are committed as they are, and nothing is asked
   * @return whether there was anything to do
   */
  public boolean run(List<Integer> planned, boolean closing) {
    Deque<Turn> turns = new ArrayDeque<>();
    for (int round : planned) {
      turns.addAll(open(round, closing));
    }
    boolean worked = !turns.isEmpty();
    tellKnown(turns);
    held.clear();
    rules.begin(context.run(), stage, planned.isEmpty() ? 0 : planned.get(planned.size() - 1));
    commitAnswered(turns);
    List<OpenPart> unanswered =
        turns.stream().filter(turn -> !turn.isAnswered()).map(Turn::part).toList();
    if (!unanswered.isEmpty()) {
      asker.ask(
          stage.name(),
          unanswered,
          part -> {
            take(turns.remove(), !turns.isEmpty());
            commitAnswered(turns);
          });
    }
    rounds.clear();
    return worked;
  }

  /** What an earlier invocation was answered is not asked again, nor counted among what is. */
  private void tellKnown(Collection<Turn> turns) {
    long all = 0;
    long known = 0;
    Set<Integer> of = new HashSet<>();
    for (Turn turn : turns) {
      of.add(turn.part().part().round());
      all += turn.part().rows();
      known += turn.isPinned() ? turn.part().rows() : turn.part().answered().cardinality();
    }
    for (Integer round : of) {
      // what stands before an open part is whole
      long done = (long) Objects.requireNonNull(rounds.get(round)).done().size() * Part.ROWS;
      all += done;
      known += done;
    }
    if (known > 0) {
      context
          .progress()
          .note(
              stage.name()
                  + (of.size() == 1 ? " round " + of.iterator().next() : "")
                  + ": "
                  + known
                  + " of "
                  + all
                  + " answered already");
    }
  }

  /**
   * A part that waits for its commit.
   *
   * @param isPinned whether the table of answers has it already
   * @param isAnswered whether nothing of it is to be asked
   */
  private record Turn(OpenPart part, boolean isPinned, boolean isAnswered) {}

  private void commitAnswered(Deque<Turn> turns) {
    while (!turns.isEmpty() && turns.peek().isAnswered()) {
      take(turns.remove(), !turns.isEmpty());
    }
  }

  private List<Turn> open(int round, boolean closing) {
    Manifest.Input requests = commits.input(stage.requests(round));
    long rows = commits.manifest(stage.requests(round)).map(Manifest::rows).orElse(0L);
    List<Manifest> committed = committed(context, stage, round);
    int done = committed.size();
    if (done == Part.count(rows)) {
      return List.of();
    }
    List<LedgerFiles.Found> there = LedgerFiles.segments(context.run(), stage.name(), round);
    Round opened = new Round(requests, new HashSet<>(), new ArrayList<>(committed), closing);
    rounds.put(round, opened);
    List<Turn> turns = new ArrayList<>();
    KnownRequests known = null;
    for (int number = done; number < Part.count(rows); number++) {
      OpenPart part = untouched(round, number, rows);
      boolean pinned = answersOf(part).isPresent();
      if (pinned || part.rows() == 0) {
        turns.add(new Turn(part, pinned, true));
        continue;
      }
      if (known == null) {
        known = known(round, number, rows, there);
        opened.earlier().addAll(known.segments());
      }
      OpenPart open = withKnown(part, known);
      turns.add(new Turn(open, false, closing || open.unanswered() == 0));
    }
    return turns;
  }

  /** Looks up the requests of a round from a part on, wherever in the round they were asked. */
  private KnownRequests known(int round, int from, long rows, List<LedgerFiles.Found> segments) {
    if (segments.isEmpty()) {
      return KnownRequests.NONE;
    }
    Set<String> keys = new HashSet<>();
    for (int number = from; number < Part.count(rows); number++) {
      keys.addAll(RequestFile.keys(context, untouched(round, number, rows)));
    }
    return KnownRequests.of(LedgerScan.of(context, segments, work.usable()), keys);
  }

  private OpenPart untouched(int round, int number, long rows) {
    Part part = new Part(round, number);
    int own = (int) Math.min(Part.ROWS, rows - part.firstRow());
    return OpenPart.untouched(part, own, Commits.partFile(stage.requests(round), number));
  }

  /**
   * What of the part is answered. A request that failed in an earlier invocation is asked again;
   * and where nearly nothing of what was asked brought a text, those too that brought none: such a
   * part was refused its commit, and what caused it is mended by now, or is found again.
   */
  private OpenPart withKnown(OpenPart part, KnownRequests known) {
    if (known.winners().isEmpty()) {
      return part;
    }
    BitSet ended = new BitSet();
    BitSet usable = new BitSet();
    Map<Integer, Integer> attempts = new HashMap<>();
    List<String> keys = RequestFile.keys(context, part);
    for (int i = 0; i < keys.size(); i++) {
      LedgerScan.Seen seen = known.winners().get(keys.get(i));
      if (seen != null) {
        if (isEnded(seen.entry())) {
          ended.set(i);
          usable.set(i, Settlement.isUsable(seen.entry()));
        }
      }
    }
    BitSet answered = CommitRules.wasRefused(part.rows(), ended, usable) ? usable : ended;
    for (int i = answered.nextClearBit(0); i < keys.size(); i = answered.nextClearBit(i + 1)) {
      Integer highest = known.highest().get(keys.get(i));
      if (highest != null) {
        attempts.put(i, highest);
      }
    }
    return new OpenPart(part.part(), part.rows(), part.file(), answered, attempts);
  }

  private boolean isEnded(LedgerEntry entry) {
    Outcome outcome = entry.outcome();
    boolean useless = work.needsAll() && !Settlement.isUsable(entry);
    boolean again = context.retryRejected() && (outcome == Outcome.REJECT_ROW || useless);
    return outcome.isTerminal() && outcome != Outcome.FAILED && !again;
  }

  private Round round(OpenPart part) {
    return Objects.requireNonNull(rounds.get(part.part().round()));
  }

  private Optional<Manifest> answersOf(OpenPart part) {
    return RunTables.upToDate(
        context,
        Commits.part(stage.answers(part.part().round()), part.part().number()),
        stage,
        List.of(round(part).requests()));
  }

  /**
   * A part whose requests have ended.
   *
   * @param answers which count
   * @param totals what asking came to
   * @param isPinned whether the table of answers has it already
   */
  private record Held(
      OpenPart part, List<Answered> answers, AskedTotals totals, boolean isPinned) {}

  /**
   * Takes a part that has its turn, and commits it; or holds it until more is known, where it is so
   * small that nothing can be said of the endpoint by it.
   */
  private void take(Turn turn, boolean more) {
    OpenPart part = turn.part();
    held.add(turn.isPinned() ? pinned(part) : settled(part));
    boolean closing = round(part).closing();
    if (closing || rules.mayCommit(held.stream().map(Held::totals).toList(), more)) {
      held.forEach(this::commit);
      held.clear();
    }
  }

  private void commit(Held ended) {
    OpenPart part = ended.part();
    int number = part.part().number();
    int round = part.part().round();
    if (!ended.isPinned()) {
      pin(ended);
    }
    List<Row> read = AnswerReading.read(context, stage, part, ended.answers(), work.reader());
    List<Row> rows = work.rows(part.part(), read);
    context.checkpoint();
    List<Manifest> before = round(part).done();
    List<Manifest.Input> inputs = inputs(stage, round(part).requests(), round, before);
    Manifest manifest =
        RunTables.publishPart(
            context,
            stage.table(),
            stage.table().round(round),
            number,
            rows,
            RunTables.manifest(context, stage, inputs, work.counts(rows)));
    before.add(manifest);
    rules.committed(ended.totals());
    work.committed(part.part(), manifest);
  }

  /** What the table of answers says of a part. */
  private Held pinned(OpenPart part) {
    String directory = stage.answers(part.part().round());
    List<Answered> answers = pinned(context, Commits.partFile(directory, part.part().number()));
    AskedTotals totals = answersOf(part).map(Manifest::asked).orElse(AskedTotals.NONE);
    return new Held(part, answers, totals, true);
  }

  static List<Answered> pinned(AskContext context, String file) {
    List<Answered> answers = new ArrayList<>();
    try (ParquetGroups groups =
        ParquetGroups.open(
            context.run(),
            context.spark().sparkContext().hadoopConfiguration(),
            file,
            FilterCompat.NOOP)) {
      groups.forEachRemaining(group -> answers.add(Answered.of(group)));
    }
    return answers;
  }

  /** Finds which answers count of a part whose requests have ended. */
  private Held settled(OpenPart part) {
    Round round = round(part);
    List<LedgerFiles.Found> segments =
        LedgerFiles.segments(context.run(), stage.name(), part.part().round()).stream()
            .filter(s -> s.isOf(part.part().number()) || round.earlier().contains(s.path()))
            .toList();
    LedgerScan.Result scan = LedgerScan.of(context, segments, work.usable());
    List<String> keys = part.rows() == 0 ? List.of() : RequestFile.keys(context, part);
    Settlement settlement = Settlement.of(part, keys, scan, round.closing());
    scan.damage().forEach(line -> context.progress().note("ledger: " + line));
    if (!round.closing()) {
      rules.requireAnswered(part, settlement.totals(), !work.needsAll());
    }
    return new Held(part, settlement.answers(), settlement.totals(), false);
  }

  /** From here on these are the answers that count. */
  private void pin(Held ended) {
    pin(
        context,
        stage,
        ended.part().part(),
        round(ended.part()).requests(),
        new Settlement(ended.answers(), ended.totals()));
  }

  static void pin(
      AskContext context,
      StageDeclaration stage,
      Part part,
      Manifest.Input requests,
      Settlement settlement) {
    context.checkpoint();
    Manifest unused =
        RunTables.publishPart(
            context,
            Line.ANSWERS,
            stage.answers(part.round()),
            part.number(),
            settlement.answers().stream().map(Answered::toRow).toList(),
            RunTables.manifest(context, stage, List.of(requests), Map.of())
                .withAsked(settlement.totals()));
  }
}
