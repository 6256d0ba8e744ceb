package io.cria.ask;

import io.cria.llm.FinishReason;
import io.cria.llm.LedgerReader;
import io.cria.llm.LedgerRecord;
import io.cria.run.AskContext;
import io.cria.run.StageDeclaration;
import io.cria.storage.RunDirectory;
import io.cria.task.Completion;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.Ids;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;

/**
 * The counting answers of one part through a reader, on the executors: each planned request with
 * the record that its answer stands in. What comes back are the rows of one part, in request order.
 */
public final class AnswerReading {
  private static final int ROWS_PER_TASK = 512;

  private AnswerReading() {}

  /** Whether the id is that of a request that a closed round left unasked. */
  public static boolean isNotSent(String answerId) {
    return answerId.endsWith(Ids.answer("", 0));
  }

  /** Reason of a request that a closed round left unasked. */
  public static final String NOT_SENT = Answered.NOT_SENT;

  /** What is made of one request and its answer. Travels to executors. */
  public interface Reader extends Serializable {
    /** Rows that know their columns by name. */
    Iterable<Row> read(PlannedRequest planned, Answer answer);
  }

  /**
   * @param answerId of the counting attempt
   * @param completion the text, its finish reason in our words; null when the request failed
   * @param failure the outcome's word when it failed; null otherwise
   */
  public record Answer(String answerId, @Nullable Completion completion, @Nullable String failure) {
    static Answer of(Answered answered, @Nullable LedgerRecord record) {
      String text = record == null ? null : record.text();
      if (record == null || text == null || !Settlement.isWhole(record)) {
        return new Answer(answered.answerId(), null, answered.outcome());
      }
      String finish =
          FinishReason.isCut(record.finishReason()) ? Completion.LENGTH : record.finishReason();
      return new Answer(answered.answerId(), new Completion(text, finish), null);
    }

    /** The same with another text. */
    public Answer with(Completion other) {
      return new Answer(answerId, other, null);
    }

    /** The same as a failure: there is no text after all. */
    public Answer failed(String word) {
      return new Answer(answerId, null, word);
    }
  }

  static List<Row> read(
      AskContext context,
      StageDeclaration stage,
      OpenPart part,
      List<Answered> answers,
      Reader reader) {
    List<Stretch> stretches = new ArrayList<>();
    for (int from = 0; from < answers.size(); from += ROWS_PER_TASK) {
      int to = Math.min(answers.size(), from + ROWS_PER_TASK);
      stretches.add(new Stretch(part, new ArrayList<>(answers.subList(from, to))));
    }
    if (stretches.isEmpty()) {
      return List.of();
    }
    JavaSparkContext spark = new JavaSparkContext(context.spark().sparkContext());
    context.job("read the answers of " + stage.name());
    return spark
        .parallelize(stretches, stretches.size())
        .flatMap(
            new ReadStretch(
                context.run().root(),
                new SerializableConfiguration(spark.hadoopConfiguration()),
                stage.name(),
                reader))
        .collect();
  }

  /** Consecutive rows of a part. */
  private record Stretch(OpenPart part, ArrayList<Answered> answers) implements Serializable {}

  private static final class ReadStretch implements FlatMapFunction<Stretch, Row> {
    private static final long serialVersionUID = 1L;

    private final String root;
    private final SerializableConfiguration hadoop;
    private final String stage;
    private final Reader reader;

    ReadStretch(String root, SerializableConfiguration hadoop, String stage, Reader reader) {
      this.root = root;
      this.hadoop = hadoop;
      this.stage = stage;
      this.reader = reader;
    }

    @Override
    public Iterator<Row> call(Stretch stretch) {
      RunDirectory run = RunDirectory.at(root, hadoop.value());
      Map<Integer, LedgerRecord> records = records(run, stretch.answers());
      int first = stretch.answers().get(0).row();
      List<Row> rows = new ArrayList<>();
      try (RequestFile requests =
          RequestFile.open(
              run,
              hadoop.value(),
              stage,
              stretch.part(),
              first,
              first + stretch.answers().size())) {
        for (Answered answered : stretch.answers()) {
          PlannedRequest planned = requests.next();
          Answer answer = Answer.of(answered, records.get(answered.row()));
          reader.read(planned, answer).forEach(rows::add);
        }
      }
      return rows.iterator();
    }

    /** The pinned records by row, each segment read from front to back. */
    private static Map<Integer, LedgerRecord> records(RunDirectory run, List<Answered> answers) {
      Map<String, List<Answered>> bySegment = new HashMap<>();
      for (Answered answered : answers) {
        String segment = answered.segment();
        if (segment != null) {
          bySegment.computeIfAbsent(segment, name -> new ArrayList<>()).add(answered);
        }
      }
      Map<Integer, LedgerRecord> records = new HashMap<>();
      bySegment.forEach(
          (segment, pinned) -> {
            pinned.sort(Comparator.comparingLong(Answered::offset));
            readSegment(run, segment, pinned, records);
          });
      return records;
    }

    private static void readSegment(
        RunDirectory run,
        String segment,
        List<Answered> pinned,
        Map<Integer, LedgerRecord> records) {
      Answered at = pinned.get(0);
      try (InputStream in = new java.io.BufferedInputStream(run.open(segment), 1 << 16)) {
        long position = 0;
        for (Answered answered : pinned) {
          at = answered;
          in.skipNBytes(answered.offset() - position);
          LedgerRecord record = LedgerReader.record(in, answered.length());
          if (!record.answerId().equals(answered.answerId())) {
            throw new IllegalArgumentException("another answer stands there");
          }
          records.put(answered.row(), record);
          position = answered.offset() + answered.length();
        }
      } catch (IOException | CriaException | IllegalArgumentException e) {
        throw new CriaException(
            ExitCode.RUN_REFUSED,
            run.path(segment)
                + ": the answer "
                + at.answerId()
                + " at byte "
                + at.offset()
                + ", on which the run counts, cannot be read any more ("
                + e.getMessage()
                + "): bring the file back from a copy",
            e);
      }
    }
  }
}
