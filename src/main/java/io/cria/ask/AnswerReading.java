package io.cria.ask;

import io.cria.llm.LedgerRecord;
import io.cria.llm.Outcome;
import io.cria.run.RunContext;
import io.cria.run.RunTables;
import io.cria.run.Schemas;
import io.cria.task.Completion;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.Ids;
import java.io.Serializable;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.Optional;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.api.java.function.PairFunction;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;
import scala.Tuple2;

/**
 * Reads the answers of whole rounds: each planned request with its winning ledger record goes
 * through a reader on the executors; the rows come back in request order.
 */
public final class AnswerReading {
  private final RunContext context;
  private final String stage;
  private final boolean closing;

  public AnswerReading(RunContext context, String stage) {
    this(context, stage, false);
  }

  /**
   * @param closing whether a request without an answer is taken as not sent; else it is an error
   */
  public AnswerReading(RunContext context, String stage, boolean closing) {
    this.context = context;
    this.stage = stage;
    this.closing = closing;
  }

  /** Reason of a request that a closed round left unasked. */
  public static final String NOT_SENT = "not_sent";

  /**
   * Whether the id is that of a request that a closed round left unasked: attempts count from 1.
   */
  public static boolean isNotSent(String answerId) {
    return answerId.endsWith(Ids.answer("", 0));
  }

  /** What is made of one request and its answer. Travels to executors. */
  public interface Reader extends Serializable {
    Iterable<Row> read(PlannedRequest planned, Answer answer);
  }

  /**
   * @param answerId of the winning attempt
   * @param completion the text; null when the request failed
   * @param failure the outcome's word when it failed; null otherwise
   */
  public record Answer(String answerId, @Nullable Completion completion, @Nullable String failure) {
    /** Of a request that a closed round left unasked. */
    static Answer notSent(String requestKey) {
      return new Answer(Ids.answer(requestKey, 0), null, NOT_SENT);
    }

    static Answer of(LedgerRecord record) {
      String text = record.text();
      return text != null && isWhole(record)
          ? new Answer(record.answerId(), new Completion(text, record.finishReason()), null)
          : new Answer(record.answerId(), null, record.outcome().word());
    }

    /** Cut by the token limit is an answer that the parsers know; stopped by a filter is none. */
    private static boolean isWhole(LedgerRecord record) {
      return record.outcome() == Outcome.OK
          || (record.outcome() == Outcome.TERMINAL_PAID
              && Completion.LENGTH.equals(record.finishReason()));
    }
  }

  /** Rows of all answers of these rounds, ordered by the given columns of the rows. */
  public List<Row> read(List<Integer> rounds, Reader reader, Comparator<Row> order) {
    List<String> parts = rounds.stream().map(r -> RunTables.requests(stage, r)).toList();
    JavaPairRDD<String, Row> requests =
        RunTables.read(context, Schemas.REQUESTS, parts).toJavaRDD().mapToPair(new ByKey());
    LedgerTable ledger = new LedgerTable(context);
    context.job("read the answers of " + stage);
    List<Row> rows =
        new java.util.ArrayList<>(
            requests
                .leftOuterJoin(ledger.winners(stage, rounds))
                .flatMap(new ReadAnswer(reader, closing))
                .collect());
    ledger.report();
    rows.sort(order);
    return rows;
  }

  private static final class ByKey implements PairFunction<Row, String, Row> {
    private static final long serialVersionUID = 1L;

    @Override
    public Tuple2<String, Row> call(Row row) {
      return new Tuple2<>(row.getAs("request_key"), row);
    }
  }

  private static final class ReadAnswer
      implements FlatMapFunction<Tuple2<String, Tuple2<Row, Optional<String>>>, Row> {
    private static final long serialVersionUID = 1L;

    private final Reader reader;
    private final boolean closing;

    ReadAnswer(Reader reader, boolean closing) {
      this.reader = reader;
      this.closing = closing;
    }

    @Override
    public Iterator<Row> call(Tuple2<String, Tuple2<Row, Optional<String>>> joined) {
      if (!joined._2()._2().isPresent() && closing) {
        return reader
            .read(RequestRows.planned(joined._2()._1()), Answer.notSent(joined._1()))
            .iterator();
      }
      if (!joined._2()._2().isPresent()) {
        throw new CriaException(
            ExitCode.RUN_REFUSED,
            "request "
                + joined._1()
                + " has no answer in the ledger any more: a segment was removed; give the command"
                + " again to ask it anew");
      }
      LedgerRecord record = LedgerRecord.fromLine(joined._2()._2().get());
      return reader.read(RequestRows.planned(joined._2()._1()), Answer.of(record)).iterator();
    }
  }
}
