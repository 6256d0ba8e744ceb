package io.cria.serve.demo;

import io.cria.decoding.Choice;
import io.cria.page.Kept;
import io.cria.page.PageException;
import io.cria.page.PageRequest;
import io.cria.page.RequestRate;
import io.cria.page.Routes;
import io.cria.safety.Moderation;
import io.cria.safety.ModerationCategory;
import io.cria.serve.Backend;
import io.cria.task.Completion;
import io.cria.task.Decoding;
import io.cria.task.TextGenerator.PromptTooLongException;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;

/**
 * The page on which a model is chatted with. {@code GET /api/terms} tells model, terms and whether
 * they were accepted, {@code POST /api/accept} accepts them, {@code POST /api/chat} answers a
 * conversation by lines of JSON ({@link Event}).
 */
public final class DemoPage {
  /** Those who wait and those who are answered. */
  static final int MOST_IN_LINE = 16;

  private static final long TELL_MILLIS = 2_000;
  private static final int YEAR_SECONDS = 365 * 24 * 3600;
  private static final String DISTRESS =
      " If you think of harming yourself, please talk to somebody you trust, or to the emergency or"
          + " crisis line where you live.";

  private final Backend backend;
  private final Objections objections;
  private final DemoTerms terms;
  private final Decoding decoding;
  private final RequestRate rate;
  private final Clock clock;
  private final WaitingLine line;
  private final SecureRandom random = new SecureRandom();

  /**
   * @param requestsPerMinute that one client may send
   * @param decoding of every answer; its seed is drawn anew each time
   */
  public DemoPage(
      Backend backend,
      Moderation moderation,
      DemoTerms terms,
      Decoding decoding,
      int requestsPerMinute,
      Clock clock) {
    this.backend = backend;
    this.objections = new Objections(moderation);
    this.terms = terms;
    this.decoding = decoding;
    this.rate = new RequestRate(requestsPerMinute, clock);
    this.clock = clock;
    this.line = new WaitingLine(Math.max(1, backend.alive()), MOST_IN_LINE, TELL_MILLIS);
  }

  /** What the server answers. */
  public Routes routes() {
    return new Routes()
            .page("/", "demo.html")
            .read("/api/terms", this::terms)
            .action("/api/accept", request -> accept())
            .stream("/api/chat", this::chat);
  }

  private Map<String, Object> terms(PageRequest request) {
    return Map.of(
        "model",
        terms.model(),
        "paragraphs",
        terms.paragraphs(),
        "nonCommercial",
        terms.areNonCommercial(),
        "accepted",
        isAccepted(request),
        "mostCharacters",
        Talk.MOST_OF_MESSAGE);
  }

  private boolean isAccepted(PageRequest request) {
    return request.cookie(terms.cookie()).isPresent();
  }

  private Kept accept() {
    return new Kept(Map.of("accepted", true), terms.cookie(), "accepted", YEAR_SECONDS);
  }

  private void chat(PageRequest request, Routes.Lines lines) throws InterruptedException {
    if (!isAccepted(request)) {
      throw PageException.forbidden("The terms are to be accepted first.");
    }
    rate.require(request.client());
    Talk talk = Talk.of(request.body().path("messages"));
    Optional<ModerationCategory> objection =
        talk.messages().stream()
            .flatMap(message -> objections.to(message.content()).stream())
            .findFirst();
    if (objection.isPresent()) {
      lines.send(Event.blocked(refusal(objection.get())));
      return;
    }
    line.inTurn(ahead -> lines.send(Event.waiting(ahead)), () -> answer(talk, lines));
  }

  private void answer(Talk talk, Routes.Lines lines) throws InterruptedException {
    lines.send(Event.writing());
    ShownAnswer shown = new ShownAnswer(objections, lines, clock);
    Choice answer;
    try {
      answer = backend.chat(talk.messages(), decoding.withSeed(random.nextLong()), shown);
    } catch (PromptTooLongException e) {
      throw PageException.tooLarge("The conversation is too long for the model: begin a new one.");
    } catch (Backend.UnavailableException e) {
      throw PageException.unavailable(
          "The model is not to be had just now: try again.", e.retryAfterSeconds());
    }
    Optional<ModerationCategory> objection = shown.end();
    if (objection.isPresent()) {
      lines.send(Event.blocked(stop(objection.get())));
    } else {
      boolean isCut = answer.finishReason().equals(Completion.LENGTH);
      lines.send(Event.end(isCut ? "The answer was cut here: it had become too long." : null));
    }
  }

  private static String refusal(ModerationCategory category) {
    return "This was not sent to the model: the rules take it for "
        + Objections.words(category)
        + "."
        + (category == ModerationCategory.SELF_HARM ? DISTRESS : "");
  }

  private static String stop(ModerationCategory category) {
    return "The answer ends here: the rules take what came next for "
        + Objections.words(category)
        + "."
        + (category == ModerationCategory.SELF_HARM ? DISTRESS : "");
  }
}
