package io.cria.sql;

import io.cria.similarity.MinHash;
import io.cria.similarity.RougeL;
import io.cria.task.CriaException;
import io.cria.text.Tokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * What the SQL functions compute, on Spark's own values; called by compiled queries by name. The
 * tokens are those of the published rule (rouge-en), where a query names no other tokenizer.
 */
public final class SimilarityFunctions {
  /** The longest signature: more components estimate no better than the texts allow. */
  static final int LONGEST_SIGNATURE = 4_096;

  /** The tokenizer of the published rule. */
  static final String PUBLISHED = "rouge-en";

  private static final Tokenizer TOKENIZER = Tokenizer.named(PUBLISHED);
  private static final Map<Integer, MinHash> MIN_HASHES = new ConcurrentHashMap<>();

  private SimilarityFunctions() {}

  /**
   * ROUGE-L F in [0, 1].
   *
   * @throws CriaException (bad input) for an unknown tokenizer
   */
  public static double rougeL(UTF8String a, UTF8String b, UTF8String tokenizer) {
    return RougeL.f(a.toString(), b.toString(), Tokenizer.named(tokenizer.toString()));
  }

  /**
   * The tokens, in order.
   *
   * @throws CriaException (bad input) for an unknown tokenizer
   */
  public static ArrayData rougeTokens(UTF8String text, UTF8String tokenizer) {
    List<String> tokens = Tokenizer.named(tokenizer.toString()).tokens(text.toString());
    return new GenericArrayData(tokens.stream().map(UTF8String::fromString).toArray());
  }

  /**
   * A MinHash signature of {@code n} components over token occurrences.
   *
   * @throws CriaException (bad input) when n is out of range
   */
  public static ArrayData minhash(UTF8String text, int n) {
    if (n < 1 || n > LONGEST_SIGNATURE) {
      throw CriaException.badInput(
          "minhash(text, " + n + "): give n from 1 to " + LONGEST_SIGNATURE);
    }
    MinHash minHash = MIN_HASHES.computeIfAbsent(n, MinHash::unigrams);
    return new GenericArrayData(minHash.signature(TOKENIZER.tokens(text.toString())));
  }

  /**
   * The share of components in which two signatures agree: an estimate of the Jaccard similarity.
   *
   * @throws CriaException (bad input) when their lengths differ
   */
  public static double minhashJaccard(ArrayData a, ArrayData b) {
    if (a.numElements() != b.numElements()) {
      throw CriaException.badInput(
          "minhash_jaccard of signatures of "
              + a.numElements()
              + " and "
              + b.numElements()
              + " components: make both with the same n");
    }
    return MinHash.jaccard(components(a), components(b));
  }

  /** A component that is null agrees with none. */
  private static int[] components(ArrayData signature) {
    int[] components = new int[signature.numElements()];
    Arrays.setAll(components, i -> signature.isNullAt(i) ? MinHash.EMPTY : signature.getInt(i));
    return components;
  }
}
