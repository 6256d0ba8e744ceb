package io.cria.llm;

import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Assembles a {@link ModelClient}. {@link #policy} is the whole policy of sending, outermost first:
 *
 * <ol>
 *   <li>{@link RetryStep} sends further attempts;
 *   <li>{@link BudgetStep} reserves the worst case of the caps, and settles it with what it came
 *       to;
 *   <li>{@link HoldStep} waits while the endpoint asked for a pause or is down, and for the limits;
 *   <li>{@link LedgerStep} lets a record out only when it is durable;
 *   <li>{@link RetryDecisionStep} decides on another attempt, so that the ledger tells the
 *       decision;
 *   <li>{@link UnsureStep} notes what an attempt may have cost whose bill is not known;
 *   <li>{@link PriceStep} prices the answer;
 *   <li>{@link ShortPromptStep} warns of prompts that a server cuts silently;
 *   <li>{@link HealthStep} tells the endpoint's health, and stops the job where nothing listens;
 *   <li>{@link EndpointStep} asks, through a {@link DeadlineExchange}, and classifies.
 * </ol>
 *
 * <p>Around them the health's {@link Window} bounds the requests in flight. What is not set has the
 * default told at its setter.
 */
public final class ClientStack {
  private final Endpoint endpoint;
  private final UnaryOperator<Step> ledger;
  private @Nullable Exchange transport;
  private Credentials credentials = Credentials.none();
  private @Nullable String host;
  private Prices prices = Prices.none();
  private RetryRules rules = RetryRules.standard();
  private @Nullable EndpointHealth health;
  private int inFlight = 8;
  private boolean answeredBefore;
  private Predicate<LedgerRecord> usable = UsefulAnswers::hasText;
  private boolean usableBefore;
  private Budget budget = Budget.unlimited();
  private @Nullable Pacer pacer;
  private ToIntFunction<String> nextAttempt = requestKey -> 1;
  private BooleanSupplier stopRequested = () -> false;
  private BooleanSupplier giveUp = () -> false;
  private Consumer<String> warnings =
      line -> System.getLogger(ClientStack.class.getName()).log(Level.WARNING, line);
  private Schedule schedule = Schedule.system();
  private DoubleSupplier jitter = () -> ThreadLocalRandom.current().nextDouble();

  private ClientStack(Endpoint endpoint, UnaryOperator<Step> ledger) {
    this.endpoint = endpoint;
    this.ledger = ledger;
  }

  /** A client of {@code endpoint} that keeps its records in {@code ledger}. */
  public static ClientStack of(Endpoint endpoint, LedgerWriter ledger) {
    return new ClientStack(endpoint, step -> new LedgerStep(step, ledger));
  }

  /** A client that keeps its records in whatever the step in the ledger's place does. */
  static ClientStack of(Endpoint endpoint, UnaryOperator<Step> ledger) {
    return new ClientStack(endpoint, ledger);
  }

  /** The key; none. */
  public ClientStack credentials(Credentials value) {
    credentials = value;
    return this;
  }

  /** What this host is called where its key is refused; it is not named. */
  public ClientStack host(String value) {
    host = value;
    return this;
  }

  /** What tokens cost; not known. */
  public ClientStack prices(Prices value) {
    prices = value;
    return this;
  }

  /** Retries and deadlines; {@link RetryRules#standard}. */
  public ClientStack rules(RetryRules value) {
    rules = value;
    return this;
  }

  /**
   * What is known of the endpoint, shared with other clients of the process; its own, with 8
   * requests in flight.
   */
  public ClientStack health(EndpointHealth value) {
    health = value;
    return this;
  }

  /** Requests in flight of a health of its own. */
  ClientStack inFlight(int value) {
    inFlight = value;
    return this;
  }

  /**
   * Whether the run, in whatever process, has had an answer from the endpoint: then refused
   * connections are an outage, else an address where nothing is; false.
   */
  public ClientStack answeredBefore(boolean value) {
    answeredBefore = value;
    return this;
  }

  /**
   * Whether a record that ends its request is of use: too many in a row that are not stop the
   * client; those with a text. Must be thread-safe.
   */
  public ClientStack usable(Predicate<LedgerRecord> value) {
    usable = value;
    return this;
  }

  /** Whether the run, in whatever process, has had a usable answer in this stage; false. */
  public ClientStack usableBefore(boolean value) {
    usableBefore = value;
    return this;
  }

  /** What may be spent, shared with other clients; no cap. */
  public ClientStack budget(Budget value) {
    budget = value;
    return this;
  }

  /** Lets requests out as the limits allow; everything at once. */
  public ClientStack pacer(Pacer value) {
    pacer = value;
    return this;
  }

  /** From a request's key its next attempt's number: one above the highest in the ledger; 1. */
  public ClientStack nextAttempt(ToIntFunction<String> value) {
    nextAttempt = value;
    return this;
  }

  /** Polled some ten times a second by the iterating thread: true ends admission; never. */
  public ClientStack stopRequested(BooleanSupplier value) {
    stopRequested = value;
    return this;
  }

  /**
   * Polled as often after a stop: true gives up what is on its way, before the drain time ends;
   * never.
   */
  public ClientStack giveUp(BooleanSupplier value) {
    giveUp = value;
    return this;
  }

  /** Takes one-line warnings; the system logger. */
  public ClientStack warnings(Consumer<String> value) {
    warnings = value;
    return this;
  }

  /** What sends; HTTP over the process's connections. */
  ClientStack transport(Exchange value) {
    transport = value;
    return this;
  }

  /** Clock and alarm; real time. */
  ClientStack schedule(Schedule value) {
    schedule = value;
    return this;
  }

  /** Uniform in [0, 1) for backoff, thread-safe; ThreadLocalRandom. */
  ClientStack jitter(DoubleSupplier value) {
    jitter = value;
    return this;
  }

  /** The client. It shares the process's connections with all others. */
  public ModelClient build() {
    return dispatching();
  }

  /** The same, for one that drives it without waiting. */
  DispatchingClient dispatching() {
    EndpointHealth known = health == null ? EndpointHealth.of(inFlight, schedule, jitter) : health;
    StopSwitch stop = new StopSwitch(schedule);
    Exchange sends = transport == null ? HttpTransport.shared() : transport;
    DeadlineExchange exchange = new DeadlineExchange(sends, rules.attemptTimeout(), schedule);
    Pacer paced = pacer == null ? known.pacer() : pacer;
    Step stack =
        new EndpointStep(
            endpoint, credentials, exchange, schedule, rules.retryAfterCap(), paced, warnings);
    ModelsProbe probe = new ModelsProbe(exchange, schedule, endpoint, credentials);
    List<UnaryOperator<Step>> policy = policy(known, paced, stop, probe);
    for (int i = policy.size() - 1; i >= 0; i--) {
      stack = policy.get(i).apply(stack);
    }
    return new DispatchingClient(
        stack,
        stop,
        known,
        schedule,
        rules,
        nextAttempt,
        stopRequested,
        giveUp,
        new UsefulAnswers(known, usable, usableBefore),
        new JobStop(endpoint, credentials, host),
        exchange,
        probe);
  }

  private List<UnaryOperator<Step>> policy(
      EndpointHealth known, Pacer paced, StopSwitch stop, ModelsProbe probe) {
    Costs costs = new Costs(prices);
    return List.of(
        step -> new RetryStep(step, stop),
        step -> new BudgetStep(step, budget, costs, schedule, stop),
        step -> new HoldStep(step, known, paced, schedule, stop),
        ledger,
        step -> new RetryDecisionStep(step, rules, known.breaker(), stop, schedule, jitter),
        step -> new UnsureStep(step, costs),
        step -> new PriceStep(step, prices),
        step -> new ShortPromptStep(step, warnings),
        step -> new HealthStep(step, known, stop, probe, answeredBefore, rules, schedule));
  }
}
