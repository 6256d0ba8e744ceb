package io.cria.run;

import static org.apache.spark.sql.types.DataTypes.BooleanType;
import static org.apache.spark.sql.types.DataTypes.DoubleType;
import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;
import static org.apache.spark.sql.types.DataTypes.TimestampType;
import static org.apache.spark.sql.types.DataTypes.createArrayType;

import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/**
 * Columns of the tables, as a reader of a whole table sees them. {@code round} and, in tables of
 * several stages, {@code stage} are names of directories and stand in no file.
 */
public final class Schemas {
  public static final StructType MESSAGE =
      new StructType().add("role", StringType, false).add("content", StringType, false);

  private static final DataType MESSAGES = createArrayType(MESSAGE, false);

  /** Planned requests. {@code subject_*}: the instruction that is asked about, in later stages. */
  public static final StructType REQUESTS =
      new StructType()
          .add("request_key", StringType, false)
          .add("stage", StringType, false)
          .add("round", IntegerType, false)
          .add("row", IntegerType, false)
          .add("sample", IntegerType, false)
          .add("content_key", StringType, false)
          .add("model", StringType, false)
          .add("prompt", StringType, true)
          .add("messages", MESSAGES, true)
          .add("demonstrations", createArrayType(StringType, false), false)
          .add("open_number", IntegerType, false)
          .add("decoding", StringType, false)
          .add("subject_id", StringType, true)
          .add("subject_item", IntegerType, false)
          .add("subject_row", IntegerType, false)
          .add("subject_instruction", StringType, true)
          .add("subject_is_classification", BooleanType, true);

  public static final StructType CANDIDATES =
      new StructType()
          .add("candidate_id", StringType, false)
          .add("request_key", StringType, false)
          .add("answer_id", StringType, false)
          .add("round", IntegerType, false)
          .add("row", IntegerType, false)
          .add("item", IntegerType, false)
          .add("raw", StringType, false)
          .add("instruction", StringType, false)
          .add("input", StringType, true)
          .add("output", StringType, true)
          .add("kept", BooleanType, false)
          .add("reason", StringType, true)
          .add("neighbour_id", StringType, true)
          .add("neighbour_score", DoubleType, true);

  public static final StructType CLASSIFIED =
      new StructType()
          .add("candidate_id", StringType, false)
          .add("answer_id", StringType, false)
          .add("round", IntegerType, false)
          .add("row", IntegerType, false)
          .add("item", IntegerType, false)
          .add("is_classification", BooleanType, true)
          .add("raw", StringType, false)
          .add("reason", StringType, true);

  public static final StructType INSTANCES =
      new StructType()
          .add("instance_id", StringType, false)
          .add("candidate_id", StringType, false)
          .add("answer_id", StringType, false)
          .add("round", IntegerType, false)
          .add("row", IntegerType, false)
          .add("item", IntegerType, false)
          .add("n", IntegerType, false)
          .add("raw", StringType, false)
          .add("input", StringType, false)
          .add("output", StringType, false)
          .add("kept", BooleanType, false)
          .add("reason", StringType, true);

  /** What moderation says of a text, by category: from 0 to 1. */
  public static final StructType SCORES =
      new StructType()
          .add("harassment", DoubleType, false)
          .add("hate", DoubleType, false)
          .add("illicit", DoubleType, false)
          .add("self_harm", DoubleType, false)
          .add("sexual", DoubleType, false)
          .add("violence", DoubleType, false);

  /**
   * One row a kept instance. {@code categories} are those that are flagged, {@code pii} the kinds
   * of what looks personal or secret, both sorted.
   */
  public static final StructType MODERATED =
      new StructType()
          .add("instance_id", StringType, false)
          .add("round", IntegerType, false)
          .add("row", IntegerType, false)
          .add("item", IntegerType, false)
          .add("n", IntegerType, false)
          .add("rater", StringType, false)
          .add("answer_id", StringType, true)
          .add("flagged", BooleanType, false)
          .add("categories", createArrayType(StringType, false), false)
          .add("scores", SCORES, false)
          .add("pii", createArrayType(StringType, false), false);

  /** What a moderation service said, a row a text that it was sent; {@code fault} says why not. */
  public static final StructType MODERATIONS =
      new StructType()
          .add("instance_id", StringType, false)
          .add("answer_id", StringType, false)
          .add("round", IntegerType, false)
          .add("row", IntegerType, false)
          .add("item", IntegerType, false)
          .add("flagged", BooleanType, true)
          .add("categories", createArrayType(StringType, false), true)
          .add("scores", SCORES, true)
          .add("fault", StringType, true);

  public static final StructType EXAMPLES =
      new StructType()
          .add("example_id", StringType, false)
          .add("instance_id", StringType, false)
          .add("round", IntegerType, false)
          .add("row", IntegerType, false)
          .add("item", IntegerType, false)
          .add("n", IntegerType, false)
          .add("instruction", StringType, false)
          .add("input", StringType, false)
          .add("output", StringType, false)
          .add("is_classification", BooleanType, false)
          .add("source", StringType, false)
          .add("model", StringType, false)
          .add("recipe", StringType, false)
          .add("prompt", StringType, false)
          .add("completion", StringType, false)
          .add("messages", MESSAGES, false);

  /** One row a request, written when its part commits. */
  public static final StructType ANSWERS =
      new StructType()
          .add("request_key", StringType, false)
          .add("answer_id", StringType, false)
          .add("stage", StringType, false)
          .add("round", IntegerType, false)
          .add("row", IntegerType, false)
          .add("attempt", IntegerType, false)
          .add("outcome", StringType, false)
          .add("finish_reason", StringType, true)
          .add("prompt_tokens", LongType, true)
          .add("cached_tokens", LongType, true)
          .add("completion_tokens", LongType, true)
          .add("usd", DoubleType, true)
          .add("model", StringType, true)
          .add("segment", StringType, true)
          .add("offset", LongType, true)
          .add("length", IntegerType, true)
          .add("error", StringType, true);

  /** The ledger's lines as columns. */
  public static final StructType LEDGER =
      new StructType()
          .add("request_key", StringType, false)
          .add("attempt", IntegerType, false)
          .add("stage", StringType, false)
          .add("round", IntegerType, false)
          .add("row", IntegerType, false)
          .add("outcome", StringType, false)
          .add("http_status", IntegerType, true)
          .add("finish_reason", StringType, true)
          .add("body", StringType, true)
          .add("text", StringType, true)
          .add(
              "usage",
              new StructType()
                  .add("prompt", LongType, true)
                  .add("cached", LongType, true)
                  .add("completion", LongType, true),
              true)
          .add("model", StringType, true)
          .add("usd", DoubleType, true)
          .add("provider_request_id", StringType, true)
          .add("sent_at", TimestampType, true)
          .add("latency_ms", LongType, true)
          .add("host", StringType, true)
          .add("suspected_paid", BooleanType, false)
          .add("error", StringType, true);

  /**
   * Steps of the trainings of a run: one row a step, and one before the first where that was
   * evaluated. {@code name} is that of a directory.
   */
  public static final StructType TRAINING =
      new StructType()
          .add("name", StringType, false)
          .add("step", IntegerType, false)
          .add("epoch", DoubleType, true)
          .add("loss", DoubleType, true)
          .add("tokens", LongType, true)
          .add("lr", DoubleType, true)
          .add("gradient_norm", DoubleType, true)
          .add("evaluation_loss", DoubleType, true);

  /**
   * What answerers of an evaluation said. {@code round} is the answerer's place in the run file,
   * {@code row} that of the prompt in the set; {@code reason} says why there is no text.
   */
  public static final StructType ANSWERS_GIVEN =
      new StructType()
          .add("answer_id", StringType, false)
          .add("answerer", StringType, false)
          .add("round", IntegerType, false)
          .add("row", IntegerType, false)
          .add("prompt_id", StringType, false)
          .add("section", StringType, false)
          .add("instruction", StringType, false)
          .add("input", StringType, false)
          .add("text", StringType, true)
          .add("finish_reason", StringType, true)
          .add("prompt_tokens", LongType, true)
          .add("completion_tokens", LongType, true)
          .add("reason", StringType, true);

  /**
   * What was judged of a run's examples, or of an evaluation's answers: one row a subject, rater
   * and question. {@code kind} and {@code name} are names of directories.
   */
  public static final StructType VERDICTS =
      new StructType()
          .add("subject_id", StringType, false)
          .add("kind", StringType, false)
          .add("name", StringType, false)
          .add("rater", StringType, false)
          .add("question", StringType, false)
          .add("verdict", StringType, false)
          .add("score", DoubleType, true)
          .add("reason", StringType, false)
          .add("neighbour", StringType, true)
          .add("answer_id", StringType, true);

  /** What is most alike to each kept candidate ({@link DerivedTable#NEIGHBOURS}). */
  public static final StructType NEIGHBOURS =
      new StructType()
          .add("candidate_id", StringType, false)
          .add("round", IntegerType, false)
          .add("row", IntegerType, false)
          .add("item", IntegerType, false)
          .add("seed_id", StringType, true)
          .add("seed_score", DoubleType, false)
          .add("machine_id", StringType, true)
          .add("machine_score", DoubleType, false);

  /**
   * What each kept candidate is about ({@link DerivedTable#TRAITS}). {@code language} is a code of
   * ISO 639-3; null where a text is too short to tell.
   */
  public static final StructType TRAITS =
      new StructType()
          .add("candidate_id", StringType, false)
          .add("round", IntegerType, false)
          .add("row", IntegerType, false)
          .add("item", IntegerType, false)
          .add("verb", StringType, true)
          .add("noun", StringType, true)
          .add("language", StringType, true);

  private Schemas() {}
}
