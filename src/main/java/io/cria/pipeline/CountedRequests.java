package io.cria.pipeline;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import io.cria.llm.Prices;
import io.cria.run.Estimate;
import io.cria.task.Amount;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What requests will take, from the tokens of some that are really built. They are counted as
 * OpenAI's models count them, o200k_base, and cl100k_base for the models before it: for English the
 * two differ little, for Korean by half. A model with a tokenizer of its own may count otherwise.
 */
final class CountedRequests {
  /** How long an answer is expected to be, of what it may be. */
  private static final double ANSWER_SHARE = 0.5;

  /** What a server may wrap a message in, in tokens, at most. */
  private static final int TOKENS_A_MESSAGE = 16;

  /** OpenAI's models of before o200k_base, here and on Azure; gpt-4.1 and gpt-4o are later ones. */
  private static final Pattern EARLIER = Pattern.compile("gpt-3\\.?5.*|gpt-4(?:-.*)?");

  private final EncodingType counting;
  private final Optional<Prices.Entry> price;

  /**
   * @param prices text of the price list
   */
  CountedRequests(String model, String prices, LocalDate today) {
    this.counting =
        EARLIER.matcher(model).matches() ? EncodingType.CL100K_BASE : EncodingType.O200K_BASE;
    this.price = Prices.listed(prices).entry(model, today);
  }

  /** Whether the model's price is known. */
  boolean isPriced() {
    return price.isPresent();
  }

  /**
   * A stage's share.
   *
   * @param built of some requests, the texts of their messages
   * @param maxTokens that an answer may have
   */
  DryRun.Line line(String stage, long requests, List<List<String>> built, int maxTokens) {
    Encoding encoding = Encodings.newLazyEncodingRegistry().getEncoding(counting);
    long tokens =
        Math.round(
            built.stream()
                .mapToInt(each -> each.stream().mapToInt(encoding::countTokensOrdinary).sum())
                .average()
                .orElse(0));
    long atMost =
        built.stream()
            .mapToLong(each -> each.stream().mapToLong(CountedRequests::tokensAtMost).sum())
            .max()
            .orElse(0);
    Estimate one =
        new Estimate(amount(tokens, (long) (maxTokens * ANSWER_SHARE)), amount(atMost, maxTokens));
    return new DryRun.Line(stage, requests, tokens, maxTokens, one);
  }

  private static long tokensAtMost(String text) {
    return (long) text.getBytes(StandardCharsets.UTF_8).length + TOKENS_A_MESSAGE;
  }

  private Amount amount(long promptTokens, long completionTokens) {
    long nanoUsd =
        price.map(known -> Amount.nanoUsd(known.usd(promptTokens, completionTokens))).orElse(0L);
    return new Amount(1, promptTokens + completionTokens, nanoUsd);
  }
}
