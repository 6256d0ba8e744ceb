package io.cria.verify;

import io.cria.ask.RequestRows;
import io.cria.llm.RequestKey;
import io.cria.run.TableDeclaration;
import io.cria.task.Decoding;
import io.cria.task.Message;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF5;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.jspecify.annotations.Nullable;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/** The keys of requests, computed anew from what they ask: for rows of the table requests. */
final class RequestKeys {
  static final String KEY = "_key";
  static final String CONTENT = "_content";

  private RequestKeys() {}

  /** The table with what its keys are to be; null where a row has no such content. */
  static TableFiles with(TableFiles requests) {
    Column[] content = {
      functions.col("model"),
      functions.col("prompt"),
      functions.col("messages"),
      functions.col("decoding"),
      functions.col("sample")
    };
    Dataset<Row> rows =
        requests
            .rows()
            .withColumn(KEY, functions.udf(new Computed(true), DataTypes.StringType).apply(content))
            .withColumn(
                CONTENT, functions.udf(new Computed(false), DataTypes.StringType).apply(content));
    return requests.with(rows);
  }

  /** On the executors; {@link TableDeclaration#columns} tells the columns. */
  private static final class Computed
      implements UDF5<String, String, Seq<Row>, String, Integer, String> {
    private static final long serialVersionUID = 1L;

    private final boolean withSample;

    Computed(boolean withSample) {
      this.withSample = withSample;
    }

    @Override
    public @Nullable String call(
        @Nullable String model,
        @Nullable String prompt,
        @Nullable Seq<Row> chat,
        @Nullable String decoding,
        @Nullable Integer sample) {
      if (model == null || decoding == null || sample == null) {
        return null;
      }
      try {
        List<Message> messages = new ArrayList<>();
        if (chat != null) {
          for (Row message : CollectionConverters.asJava(chat)) {
            messages.add(new Message(message.getString(0), message.getString(1)));
          }
        }
        Decoding values = RequestRows.decoding(decoding);
        return withSample
            ? RequestKey.of(model, prompt, messages, values, sample)
            : RequestKey.contentKey(model, prompt, messages, values);
      } catch (IllegalArgumentException | IllegalStateException | NullPointerException e) {
        // neither prompt nor messages, or a decoding that is none: the row has no key
        return null;
      }
    }
  }
}
