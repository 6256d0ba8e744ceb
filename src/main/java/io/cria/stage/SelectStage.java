package io.cria.stage;

import io.cria.ask.AnswerReading;
import io.cria.ask.PlannedRequest;
import io.cria.config.Identity.Generate;
import io.cria.filter.Filter;
import io.cria.filter.FilterChain;
import io.cria.filter.Filters;
import io.cria.parse.CandidateParser;
import io.cria.parse.ChatEcho;
import io.cria.run.Rows;
import io.cria.run.RunContext;
import io.cria.run.RunTables;
import io.cria.run.Schemas;
import io.cria.storage.Manifest;
import io.cria.task.Candidate;
import io.cria.task.Completion;
import io.cria.task.Draft;
import io.cria.task.Ids;
import io.cria.task.Instruction;
import io.cria.task.Verdict;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * AnswerReading of a round to candidates with verdicts: parse and heuristics on the executors, the
 * similarity rule over pool and batch in acceptance order. Every candidate is written, kept or not;
 * a request that failed is one candidate with the client's outcome as its reason.
 */
public final class SelectStage {
  static final int VERSION = 1;
  private static final Comparator<Row> ACCEPTANCE_ORDER =
      Comparator.<Row>comparingInt(r -> r.getAs("row")).thenComparingInt(r -> r.getAs("item"));

  private final RunContext context;

  public SelectStage(RunContext context) {
    this.context = context;
  }

  /** The committed round, when its table answers to the requests as they are now. */
  public Optional<Manifest> committed(int round) {
    return RunTables.upToDate(
        context, RunTables.round("candidates", round), "select", VERSION, inputs(round));
  }

  /** Judges and commits a round whose requests are all answered. */
  public Manifest run(int round, InstructionPool pool) {
    List<Candidate> judged = read(round);
    List<Candidate> decided = decide(judged, pool);
    context.checkpoint();
    Manifest manifest = publish(round, decided);
    pool.add(
        decided.stream()
            .filter(c -> c.verdict().kept())
            .map(c -> new Instruction(c.candidateId(), c.instruction()))
            .toList());
    return manifest;
  }

  private List<Manifest.Input> inputs(int round) {
    return List.of(context.run().input(RunTables.requests("generate", round)));
  }

  private List<Candidate> read(int round) {
    Generate generate = context.config().generate();
    Reader reader = new Reader(generate.parser(), generate.filters());
    return new AnswerReading(context, "generate", context.closeRound())
        .read(List.of(round), reader, ACCEPTANCE_ORDER).stream().map(Rows::candidate).toList();
  }

  /** Puts the similarity rule's verdict on what the heuristics kept. */
  private List<Candidate> decide(List<Candidate> judged, InstructionPool pool) {
    List<Instruction> batch =
        judged.stream()
            .filter(c -> c.verdict().kept())
            .map(c -> new Instruction(c.candidateId(), c.instruction()))
            .toList();
    java.util.Iterator<Verdict> verdicts = pool.selector().select(batch).iterator();
    return judged.stream()
        .map(c -> c.verdict().kept() ? c.withVerdict(verdicts.next()) : c)
        .toList();
  }

  private Manifest publish(int round, List<Candidate> candidates) {
    List<Row> rows = new ArrayList<>();
    Map<String, Long> counts = new TreeMap<>();
    counts.put("kept", 0L);
    for (Candidate candidate : candidates) {
      rows.add(Rows.of(candidate));
      String reason = candidate.verdict().reason();
      counts.merge(reason == null ? "kept" : reason, 1L, Long::sum);
    }
    return RunTables.publish(
        context,
        RunTables.round("candidates", round),
        "select",
        VERSION,
        inputs(round),
        Schemas.CANDIDATES,
        rows,
        new HashMap<>(counts));
  }

  /** Parses one answer and applies the heuristics. */
  private static final class Reader implements AnswerReading.Reader {
    private static final long serialVersionUID = 1L;

    private final String parserName;
    private final ArrayList<Map<String, Object>> filterList;
    private transient @Nullable CandidateParser parser;
    private transient @Nullable Filter filter;

    Reader(String parserName, List<Map<String, Object>> filters) {
      this.parserName = parserName;
      this.filterList = new ArrayList<>(filters.stream().map(HashMap::new).toList());
    }

    @Override
    public Iterable<Row> read(PlannedRequest planned, AnswerReading.Answer answer) {
      List<Row> rows = new ArrayList<>();
      for (Draft draft : drafts(planned, answer)) {
        rows.add(Rows.of(candidate(planned, answer, draft)));
      }
      return rows;
    }

    private List<Draft> drafts(PlannedRequest planned, AnswerReading.Answer answer) {
      Completion completion = answer.completion();
      if (completion == null) {
        return List.of(Draft.failed(0, "", String.valueOf(answer.failure())));
      }
      boolean chat = !planned.request().messages().isEmpty();
      String text =
          chat ? ChatEcho.strip(completion.text(), planned.openNumber()) : completion.text();
      return parser()
          .parse(
              new Completion(text, completion.finishReason()),
              Math.max(0, planned.openNumber() - 1));
    }

    private Candidate candidate(PlannedRequest planned, AnswerReading.Answer answer, Draft draft) {
      String key = planned.request().requestKey();
      return new Candidate(
          Ids.candidate(key, draft.item()),
          key,
          answer.answerId(),
          planned.request().round(),
          planned.request().row(),
          draft.item(),
          draft.raw(),
          draft.instruction(),
          draft.input(),
          draft.output(),
          filter().judge(draft));
    }

    private CandidateParser parser() {
      CandidateParser made = parser;
      if (made == null) {
        made = CandidateParser.named(parserName);
        parser = made;
      }
      return made;
    }

    private Filter filter() {
      Filter made = filter;
      if (made == null) {
        made = chain(filterList);
        filter = made;
      }
      return made;
    }
  }

  /** The filters as the run file lists them: {name: …, and its parameters}. */
  public static FilterChain chain(List<Map<String, Object>> list) {
    List<Filter> filters = new ArrayList<>();
    for (Map<String, Object> entry : list) {
      Map<String, Object> parameters = new TreeMap<>(entry);
      Object name = parameters.remove("name");
      filters.add(Filters.of(String.valueOf(name), parameters));
    }
    return new FilterChain(filters);
  }
}
