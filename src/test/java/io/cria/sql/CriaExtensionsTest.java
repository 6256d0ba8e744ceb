package io.cria.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.similarity.MinHash;
import io.cria.similarity.RougeL;
import io.cria.task.CriaException;
import io.cria.testing.LocalSpark;
import io.cria.text.Tokenizer;
import java.util.List;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class CriaExtensionsTest {
  private static final Tokenizer ROUGE = Tokenizer.named("rouge-en");
  private static SparkSession spark = LocalSpark.session();

  @BeforeAll
  static void openASession() {
    spark = LocalSpark.session().newSession();
    CriaExtensions.register(spark);
  }

  private static Row first(String query) {
    return spark.sql(query).head();
  }

  @Test
  void rougeLIsTheEnginesScore() {
    String a = "Write a short story about a llama.";
    String b = "write a story, about THE llama";
    Row row =
        first(
            "select rouge_l(a, b), rouge_l(a, a), rouge_l(a, '!!') from values ('"
                + a
                + "', '"
                + b
                + "') as t(a, b)");
    assertThat(row.getDouble(0)).isEqualTo(RougeL.f(a, b, ROUGE)).isBetween(0.7, 0.9);
    assertThat(row.getDouble(1)).isEqualTo(1);
    assertThat(row.getDouble(2)).isZero();
  }

  @Test
  void anotherTokenizerMayBeNamed() {
    Row row =
        first(
            "select rouge_l('뜻을 설명해 주세요', '뜻 설명해줘'),"
                + " rouge_l('뜻을 설명해 주세요', '뜻 설명해줘', 'korean-1'),"
                + " rouge_tokens('뜻을 설명해 주세요', 'korean-1')");
    assertThat(row.getDouble(0)).isZero();
    assertThat(row.getDouble(1)).isEqualTo(1);
    assertThat(row.<String>getList(2)).containsExactly("뜻", "설", "명");
    assertThatThrownBy(
            () -> spark.sql("select rouge_l(t, t, 'x') from values ('a') as v(t)").collectAsList())
        .hasStackTraceContaining("unknown tokenizer, 'x': use");
  }

  @Test
  void tokensAndSignaturesAreThoseOfTheEngine() {
    Row row =
        first(
            "select rouge_tokens(t), minhash(t, 16), minhash_jaccard(minhash(t, 256),"
                + " minhash('c b a d', 256)) from values ('A b, C!') as v(t)");
    assertThat(row.<String>getList(0)).containsExactly("a", "b", "c");
    List<Integer> signature = row.getList(1);
    assertThat(signature.stream().mapToInt(i -> i))
        .containsExactly(
            java.util.Arrays.stream(MinHash.unigrams(16).signature(List.of("a", "b", "c")))
                .boxed()
                .toArray(Integer[]::new));
    assertThat(row.getDouble(2)).isBetween(0.6, 0.9);
  }

  @Test
  void nullsGiveNull() {
    Row row =
        first(
            "select rouge_l(null, 'a'), rouge_l('a', t), rouge_tokens(t), minhash(t, 4),"
                + " minhash('a', cast(null as int)), minhash_jaccard(null, minhash('a', 4))"
                + " from values (cast(null as string)) as v(t)");
    for (int i = 0; i < row.length(); i++) {
      assertThat(row.isNullAt(i)).as("column %d", i).isTrue();
    }
  }

  @Test
  void functionsAreDescribedByExamplesThatHold() {
    for (String function : List.of("rouge_l", "rouge_tokens", "minhash", "minhash_jaccard")) {
      List<Row> lines = spark.sql("describe function extended " + function).collectAsList();
      String text = String.join("\n", lines.stream().map(line -> line.getString(0)).toList());
      assertThat(text).contains("Usage:").contains(function).contains("Examples:");
      String query = text.substring(text.indexOf("> ") + 2, text.indexOf(";\n"));
      String result = text.substring(text.indexOf(";\n") + 2).strip();
      assertThat(spark.sql("select to_json(struct((" + query + ") as x))").head().getString(0))
          .isEqualTo("{\"x\":" + result + "}");
    }
  }

  @Test
  void wrongArgumentsAreRefusedInPlainWords() {
    assertThatThrownBy(() -> spark.sql("select rouge_l('a')").collectAsList())
        .isInstanceOf(AnalysisException.class)
        .hasMessageContaining("requires 2 parameters");
    assertThatThrownBy(
            () -> spark.sql("select minhash(t, 0) from values ('a') as v(t)").collectAsList())
        .hasStackTraceContaining(CriaException.class.getName())
        .hasStackTraceContaining("give n from 1 to 4096");
    assertThatThrownBy(
            () ->
                spark
                    .sql(
                        "select minhash_jaccard(minhash(t, 3), minhash(t, 4)) from values ('a') as"
                            + " v(t)")
                    .collectAsList())
        .hasStackTraceContaining("signatures of 3 and 4 components");
  }
}
