package io.cria.sql;

import io.cria.task.CriaException;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.SparkSessionExtensions;
import org.apache.spark.sql.catalyst.FunctionIdentifier;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.ExpressionInfo;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.objects.StaticInvoke;
import org.apache.spark.sql.errors.QueryCompilationErrors;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.sql.types.AbstractDataType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import scala.Option;
import scala.Tuple3;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.AbstractFunction1;
import scala.runtime.BoxedUnit;

/**
 * The SQL functions {@code rouge_l}, {@code rouge_tokens}, {@code minhash}, {@code
 * minhash_jaccard}, {@code watermark_z} and {@code watermark_z_window}, for any Spark session:
 * {@code --conf spark.sql.extensions=io.cria.sql.CriaExtensions}, with Cria's jar on the class
 * path. {@code describe function extended rouge_l} tells their use. Nulls give null.
 */
public final class CriaExtensions extends AbstractFunction1<SparkSessionExtensions, BoxedUnit> {
  @SuppressWarnings("InlineFormatString") // one text for all functions
  private static final List<SqlFunction> FUNCTIONS =
      List.of(
          new SqlFunction(
              "rouge_l",
              "rougeL",
              DataTypes.DoubleType,
              List.of(DataTypes.StringType, DataTypes.StringType, DataTypes.StringType),
              "_FUNC_(a, b[, tokenizer]) - ROUGE-L F of two texts in [0, 1], over lower-cased runs"
                  + " of a-z and 0-9, as rouge-score computes it, or over a tokenizer's tokens"
                  + " ('unicode-1', 'korean-1'); 0 when either has none.",
              "_FUNC_('write a story', 'Write a short story!')",
              "0.8571428571428571"),
          new SqlFunction(
              "rouge_tokens",
              "rougeTokens",
              DataTypes.createArrayType(DataTypes.StringType, false),
              List.of(DataTypes.StringType, DataTypes.StringType),
              "_FUNC_(text[, tokenizer]) - the tokens that rouge_l compares: lower-cased runs of"
                  + " a-z and 0-9, or a tokenizer's.",
              "_FUNC_('Write a story!')",
              "[\"write\",\"a\",\"story\"]"),
          new SqlFunction(
              "minhash",
              "minhash",
              DataTypes.createArrayType(DataTypes.IntegerType, false),
              List.of(DataTypes.StringType, DataTypes.IntegerType),
              "_FUNC_(text, n) - a MinHash signature of n components over the text's tokens, the"
                  + " same on every machine; for minhash_jaccard.",
              "size(_FUNC_('write a story', 128))",
              "128"),
          new SqlFunction(
              "minhash_jaccard",
              "minhashJaccard",
              DataTypes.DoubleType,
              List.of(
                  DataTypes.createArrayType(DataTypes.IntegerType),
                  DataTypes.createArrayType(DataTypes.IntegerType)),
              "_FUNC_(a, b) - the Jaccard similarity of two texts' tokens, estimated from their"
                  + " MinHash signatures of one length. ROUGE-L F above t needs at least"
                  + " t / (2 - t).",
              "_FUNC_(minhash('a b', 64), minhash('b a', 64))",
              "1.0"),
          new SqlFunction(
              "watermark_z",
              "z",
              DataTypes.DoubleType,
              List.of(DataTypes.StringType, DataTypes.StringType),
              "_FUNC_(text[, profile]) - how many standard deviations the tokens of a text that a"
                  + " watermark's key makes green are above chance; from 4 on it is called marked."
                  + " The profile is a file on each host, or that of "
                  + WatermarkFunctions.PROFILE
                  + ".",
              "_FUNC_('a text', '/etc/cria/mark.yaml')",
              "0.5"),
          new SqlFunction(
              "watermark_z_window",
              "strongestZ",
              DataTypes.DoubleType,
              List.of(DataTypes.StringType, DataTypes.IntegerType, DataTypes.StringType),
              "_FUNC_(text, width[, profile]) - the highest watermark_z of the passages of so many"
                  + " tokens, for a mark inside other text. The highest of many is high by chance"
                  + " too.",
              "_FUNC_('a text', 100, '/etc/cria/mark.yaml')",
              "0.5"));

  @Override
  public BoxedUnit apply(SparkSessionExtensions extensions) {
    for (SqlFunction function : FUNCTIONS) {
      extensions.injectFunction(
          new Tuple3<>(new FunctionIdentifier(function.name()), function.info(), function));
    }
    return BoxedUnit.UNIT;
  }

  /** Puts the functions into a session that is open already. */
  public static void register(SparkSession spark) {
    SparkSessionExtensions extensions = new SparkSessionExtensions();
    new CriaExtensions().apply(extensions);
    extensions.registerFunctions(
        ((org.apache.spark.sql.classic.SparkSession) spark).sessionState().functionRegistry());
  }

  /**
   * One function: a static method of {@link SimilarityFunctions} or {@link WatermarkFunctions}
   * under a name of SQL. A query may leave out the last argument of some: the profile's place of
   * those of the watermark, which then is the session's property, and the tokenizer.
   */
  private static final class SqlFunction extends AbstractFunction1<Seq<Expression>, Expression> {
    private final String name;
    private final String method;
    private final DataType returned;
    private final List<DataType> taken;
    private final String usage;
    private final String example;
    private final String result;

    SqlFunction(
        String name,
        String method,
        DataType returned,
        List<DataType> taken,
        String usage,
        String example,
        String result) {
      this.name = name;
      this.method = method;
      this.returned = returned;
      this.taken = taken;
      this.usage = usage;
      this.example = example;
      this.result = result;
    }

    String name() {
      return name;
    }

    private boolean isOfWatermark() {
      return name.startsWith("watermark");
    }

    private boolean isOfTokens() {
      return name.startsWith("rouge");
    }

    private Class<?> home() {
      return isOfWatermark() ? WatermarkFunctions.class : SimilarityFunctions.class;
    }

    ExpressionInfo info() {
      return new ExpressionInfo(
          home().getName(),
          "",
          name,
          usage,
          "",
          "\n    Examples:\n      > SELECT " + example + ";\n       " + result + "\n  ",
          "",
          "string_funcs",
          "",
          "",
          "java_udf");
    }

    @Override
    public Expression apply(Seq<Expression> given) {
      boolean isShort = given.size() == taken.size() - 1;
      Seq<Expression> arguments =
          isShort && isOfWatermark()
              ? with(given, profile())
              : isShort && isOfTokens() ? with(given, SimilarityFunctions.PUBLISHED) : given;
      if (arguments.size() != taken.size()) {
        int wanted = isOfTokens() ? taken.size() - 1 : taken.size();
        throw SqlFunction.<RuntimeException>unchecked(
            QueryCompilationErrors.wrongNumArgsError(
                name, seq(List.<Object>of(wanted)), arguments.size(), "", "", ""));
      }
      return new StaticInvoke(
          home(),
          returned,
          method,
          arguments,
          seq(List.<AbstractDataType>copyOf(taken)),
          true,
          false,
          true,
          Option.empty());
    }

    /** The property is read where the query is understood: executors do not know it. */
    private String profile() {
      String profile = SQLConf.get().getConfString(WatermarkFunctions.PROFILE, "");
      if (profile.isEmpty()) {
        throw CriaException.badInput(
            name
                + ": no profile is named: give its path on every host as the last argument, or set "
                + WatermarkFunctions.PROFILE);
      }
      return profile;
    }

    private static Seq<Expression> with(Seq<Expression> given, String last) {
      List<Expression> all = new ArrayList<>(CollectionConverters.asJava(given));
      all.add(Literal.create(last, DataTypes.StringType));
      return seq(all);
    }

    private static <T> Seq<T> seq(List<T> items) {
      return CollectionConverters.asScala(items).toSeq();
    }

    /** Spark's exceptions of analysis are checked; its own callers are not told. */
    @SuppressWarnings("unchecked")
    private static <T extends Throwable> RuntimeException unchecked(Throwable thrown) throws T {
      throw (T) thrown;
    }
  }
}
