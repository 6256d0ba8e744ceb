package io.cria.view;

import io.cria.page.PageException;
import io.cria.page.PageRequest;
import io.cria.page.Routes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The page on which a run is looked through. All state is in its address. */
public final class ViewPage {
  private static final int MOST_ROWS = 200;
  private static final int ROWS = 50;
  private static final int LONGEST = 400;

  private final ViewedRun run;
  private final String title;

  /** What can be looked through. */
  private record Tables(String title, List<String> tables) {}

  /** A table as a whole: how many rows, and what they can be filtered by. */
  private record Summary(
      String table,
      int rows,
      String at,
      long millis,
      List<Codes.Count> kinds,
      List<Codes.Count> reasons,
      List<Codes.Count> rounds,
      List<Codes.Count> verdicts) {}

  /**
   * A page of rows.
   *
   * @param isFirst whether no wanted row stands before
   * @param isLast whether none follows
   */
  private record Rows(List<Item> rows, boolean isFirst, boolean isLast) {}

  /** A row in the list; long texts are cut. */
  private record Item(
      String key,
      String id,
      String text,
      String input,
      String output,
      String kind,
      @Nullable String reason,
      @Nullable Double score,
      List<String> verdicts) {}

  /**
   * @param title of the run, for people
   */
  public ViewPage(ViewedRun run, String title) {
    this.run = run;
    this.title = title;
  }

  /** What a server answers with. */
  public Routes routes() {
    return new Routes()
        .page("/", "view.html")
        .read("/api/tables", request -> tables())
        .read("/api/table", reading(ViewPage::summary))
        .read("/api/rows", reading(ViewPage::rows))
        .read("/api/count", reading(ViewPage::count))
        .read("/api/story", reading(ViewPage::story))
        .action("/api/anew", this::anew);
  }

  /** What is answered out of tables that stay as they are until then. */
  private interface Answerer {
    Object answer(ViewedRun.Reading run, PageRequest request);
  }

  private Routes.Handler reading(Answerer answerer) {
    return request -> {
      try (ViewedRun.Reading reading = run.reading()) {
        return answerer.answer(reading, request);
      }
    };
  }

  private Tables tables() {
    return new Tables(title, Stream.of(ViewedTable.values()).map(ViewedTable::word).toList());
  }

  private static ViewedTable table(PageRequest request) {
    String word = request.value("table").orElse(ViewedTable.EXAMPLES.word());
    return ViewedTable.of(word)
        .orElseThrow(() -> PageException.notFound("there is no table '" + word + "' here"));
  }

  private static Summary summary(ViewedRun.Reading run, PageRequest request) {
    ViewedTable table = table(request);
    ViewedRun.Taken taken = run.table(table);
    Snapshot snapshot = taken.snapshot();
    return new Summary(
        table.word(),
        snapshot.rows(),
        taken.at().toString(),
        taken.took().toMillis(),
        snapshot.kinds(),
        snapshot.reasons(),
        snapshot.rounds(),
        snapshot.verdicts());
  }

  /**
   * Rows {@code after} a place, {@code before} one, or {@code from} one on, that one included; from
   * the first where nothing is said. {@code last} is the last ones.
   */
  private static Rows rows(ViewedRun.Reading run, PageRequest request) {
    Snapshot snapshot = run.snapshot(table(request));
    RowSearch search = new RowSearch(snapshot, RowFilter.of(request));
    int most = Math.max(1, Math.min(MOST_ROWS, request.number("most", ROWS)));
    if (request.value("before").isPresent() || request.value("last").isPresent()) {
      int end = request.value("before").map(Key::of).map(snapshot::from).orElse(snapshot.rows());
      List<Integer> found = search.before(end, most + 1);
      boolean more = found.size() > most;
      List<Integer> shown = more ? found.subList(1, found.size()) : found;
      return new Rows(items(snapshot, shown), !more, search.from(end, 1).isEmpty());
    }
    int begin =
        request
            .value("after")
            .map(Key::of)
            .map(key -> snapshot.at(key).map(row -> row + 1).orElseGet(() -> snapshot.from(key)))
            .or(() -> request.value("from").map(Key::of).map(snapshot::from))
            .orElse(0);
    List<Integer> found = search.from(begin, most + 1);
    boolean more = found.size() > most;
    return new Rows(
        items(snapshot, more ? found.subList(0, most) : found),
        begin == 0 || search.before(begin, 1).isEmpty(),
        !more);
  }

  private static List<Item> items(Snapshot snapshot, List<Integer> rows) {
    List<Item> items = new ArrayList<>();
    for (int row : rows) {
      Snapshot.Line line = snapshot.line(row);
      boolean isRead = !line.instruction().isEmpty();
      items.add(
          new Item(
              line.key().toString(),
              line.id(),
              cut(isRead ? line.instruction() : line.raw()),
              cut(line.input()),
              cut(line.output()),
              line.kind(),
              line.reason(),
              line.score(),
              snapshot.verdicts(row)));
    }
    return items;
  }

  private static String cut(@Nullable String text) {
    if (text == null || text.length() <= LONGEST) {
      return text == null ? "" : text;
    }
    int end = Character.isHighSurrogate(text.charAt(LONGEST - 1)) ? LONGEST - 1 : LONGEST;
    return text.substring(0, end) + "…";
  }

  private static Map<String, Long> count(ViewedRun.Reading run, PageRequest request) {
    Snapshot snapshot = run.snapshot(table(request));
    return Map.of("count", new RowSearch(snapshot, RowFilter.of(request)).count());
  }

  private static Story story(ViewedRun.Reading run, PageRequest request) {
    ViewedTable table = table(request);
    String word =
        request
            .value("key")
            .orElseThrow(() -> PageException.badRequest("which row is not said: give key"));
    int row =
        run.snapshot(table)
            .at(Key.of(word))
            .orElseThrow(
                () -> PageException.notFound("no row of " + table.word() + " is at " + word));
    return Story.of(run, table, row);
  }

  private Map<String, Boolean> anew(PageRequest request) {
    run.readAnew();
    return Map.of("done", true);
  }
}
