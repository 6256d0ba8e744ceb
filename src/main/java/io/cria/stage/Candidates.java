package io.cria.stage;

import io.cria.ask.AnswerReading;
import io.cria.ask.AnswerReading.Answer;
import io.cria.ask.AskedParts;
import io.cria.ask.LedgerScan;
import io.cria.ask.PlannedRequest;
import io.cria.config.Identity.Generate;
import io.cria.filter.Filter;
import io.cria.filter.FilterChain;
import io.cria.filter.Filters;
import io.cria.parse.CandidateParser;
import io.cria.parse.ChatEcho;
import io.cria.run.Rows;
import io.cria.run.RunContext;
import io.cria.task.Candidate;
import io.cria.task.Completion;
import io.cria.task.Draft;
import io.cria.task.Ids;
import io.cria.task.Instruction;
import io.cria.task.Labels;
import io.cria.task.Part;
import io.cria.task.Verdict;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * Answers to candidates with verdicts: parse and heuristics on the executors, the similarity rule
 * over pool and part in acceptance order. Every candidate is written, kept or not; a request that
 * failed is one candidate with the client's outcome as its reason.
 */
public final class Candidates implements AskedParts.Work {
  private final Reader reader;
  private final InstructionPool pool;

  Candidates(RunContext context, InstructionPool pool) {
    Generate generate = context.config().generate();
    this.reader =
        new Reader(
            generate.parser(),
            context.config().words(),
            generate.filters(),
            UsableText.of(context));
    this.pool = pool;
  }

  @Override
  public AnswerReading.Reader reader() {
    return reader;
  }

  @Override
  public LedgerScan.TextTest usable() {
    return reader.text;
  }

  /** Puts the similarity rule's verdict on what the heuristics kept. */
  @Override
  public List<Row> rows(Part part, List<Row> read) {
    List<Candidate> judged = read.stream().map(Rows::candidate).toList();
    List<Instruction> batch =
        judged.stream()
            .filter(c -> c.verdict().kept())
            .map(c -> new Instruction(c.candidateId(), c.instruction()))
            .toList();
    Iterator<Verdict> verdicts = pool.select(batch).iterator();
    return judged.stream()
        .map(c -> c.verdict().kept() ? c.withVerdict(verdicts.next()) : c)
        .map(Rows::of)
        .toList();
  }

  @Override
  public Map<String, Long> counts(List<Row> rows) {
    Map<String, Long> counts = new TreeMap<>();
    counts.put("kept", 0L);
    for (Row row : rows) {
      String reason = row.getAs("reason");
      counts.merge(reason == null ? "kept" : reason, 1L, Long::sum);
    }
    return counts;
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

  /** Parses one answer and applies the heuristics. */
  private static final class Reader implements AnswerReading.Reader {
    private static final long serialVersionUID = 1L;

    private final String parserName;
    private final Labels labels;
    private final ArrayList<Map<String, Object>> filterList;
    private final UsableText text;
    private transient @Nullable CandidateParser parser;
    private transient @Nullable Filter filter;

    Reader(String parserName, Labels labels, List<Map<String, Object>> filters, UsableText text) {
      this.parserName = parserName;
      this.labels = labels;
      this.filterList = new ArrayList<>(filters.stream().map(HashMap::new).toList());
      this.text = text;
    }

    @Override
    public Iterable<Row> read(PlannedRequest planned, Answer answer) {
      List<Row> rows = new ArrayList<>();
      for (Draft draft : drafts(planned, text.of(answer))) {
        rows.add(Rows.of(candidate(planned, answer, draft)));
      }
      return rows;
    }

    private List<Draft> drafts(PlannedRequest planned, Answer answer) {
      Completion completion = answer.completion();
      if (completion == null) {
        return List.of(Draft.failed(0, "", String.valueOf(answer.failure())));
      }
      boolean chat = !planned.request().messages().isEmpty();
      String given =
          chat ? ChatEcho.strip(completion.text(), planned.openNumber()) : completion.text();
      return parser()
          .parse(
              new Completion(given, completion.finishReason()),
              Math.max(0, planned.openNumber() - 1));
    }

    private Candidate candidate(PlannedRequest planned, Answer answer, Draft draft) {
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
        made = CandidateParser.named(parserName, labels);
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
}
