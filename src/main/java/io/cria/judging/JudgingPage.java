package io.cria.judging;

import com.fasterxml.jackson.databind.JsonNode;
import io.cria.page.PageException;
import io.cria.page.PageRequest;
import io.cria.page.Routes;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The page on which a sheet is judged. Items have numbers there; what is asked and answered holds
 * no id, no name but the rater's own, and nothing of where answers come from.
 */
public final class JudgingPage {
  private final Sheet sheet;
  private final Desk desk;
  private final Optional<String> rater;
  private final String afterwards;

  /**
   * What the page is told of the sheet.
   *
   * @param mark the page brings it with each verdict
   */
  private record Told(
      String mark,
      String title,
      List<Sheet.Question> questions,
      int of,
      String afterwards,
      @Nullable String rater) {}

  /**
   * @param rater the only one who judges here; empty where the page asks for the name
   * @param afterwards the command that sums up what was judged
   */
  public JudgingPage(
      Sheet sheet, RaterFiles files, Clock clock, Optional<String> rater, String afterwards) {
    this.sheet = sheet;
    this.desk = new Desk(sheet, files, clock);
    this.rater = rater.map(Desk::rater);
    this.afterwards = afterwards;
  }

  /** What a server answers with. */
  public Routes routes() {
    return new Routes()
        .page("/", "judge.html")
        .read("/api/sheet", request -> told())
        .read("/api/item", request -> desk.item(rater(request.value("rater")), number(request)))
        .action("/api/enter", this::enter)
        .action("/api/verdict", this::judge)
        .action("/api/undo", this::undo);
  }

  private Told told() {
    return new Told(
        desk.mark(),
        sheet.title(),
        sheet.questions(),
        sheet.items().size(),
        afterwards,
        rater.orElse(null));
  }

  private static int number(PageRequest request) {
    return request.number("n", 0);
  }

  private Object enter(PageRequest request) {
    // whoever was named on the command line is meant
    boolean goOn = rater.isPresent() || request.body().path("goOn").asBoolean();
    return desk.enter(rater(Optional.of(request.text("name"))), goOn);
  }

  /**
   * A page that was loaded from another server at this address shows other texts under the same
   * numbers.
   */
  private void requireSheet(PageRequest request) {
    if (!request.text("sheet").equals(desk.mark())) {
      throw PageException.conflict(
          "other texts are judged here than the page shows: load the page again");
    }
  }

  private Object undo(PageRequest request) {
    requireSheet(request);
    return desk.undo(rater(Optional.of(request.text("rater"))));
  }

  private Object judge(PageRequest request) {
    requireSheet(request);
    return desk.judge(
        rater(Optional.of(request.text("rater"))),
        request.bodyNumber("n"),
        verdicts(request, "before"),
        verdicts(request, "verdicts"),
        request.text("comment"));
  }

  private static Map<String, String> verdicts(PageRequest request, String field) {
    Map<String, String> verdicts = new HashMap<>();
    for (Map.Entry<String, JsonNode> one : request.body().path(field).properties()) {
      verdicts.put(one.getKey(), one.getValue().asText());
    }
    return verdicts;
  }

  private String rater(Optional<String> given) {
    String name = Desk.rater(given.orElse(""));
    if (rater.isPresent() && !rater.get().equals(name)) {
      throw PageException.badRequest("here judges " + rater.get() + " and nobody else");
    }
    return name;
  }
}
