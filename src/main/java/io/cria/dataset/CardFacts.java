package io.cria.dataset;

import io.cria.task.DatasetStatistics;
import io.cria.task.Terms;
import java.math.BigDecimal;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the dataset card says. Everything follows from the run's identity and its ledger, nothing
 * from the clock, so a card is as repeatable as the data beside it.
 *
 * @param title the dataset's name for people
 * @param languages codes of the languages in it, such as {@code en}
 * @param counts how much there is
 * @param statistics of the examples, as the paper's Table 1 has them
 * @param origin what it was made from
 * @param rejectedCandidates reason to number of candidates
 * @param droppedInstances reason to number of instances; empty for recipes without that step
 * @param failedRequests outcome to number of requests that gave no answer
 * @param cost what it cost
 * @param terms under which it is handed on
 * @param judged what was judged of the examples, as far as it concerns this dataset
 * @param translationese marks of translation to the number of examples that have them; empty where
 *     they are not counted
 */
public record CardFacts(
    String title,
    List<String> languages,
    Counts counts,
    DatasetStatistics statistics,
    Origin origin,
    SortedMap<String, Long> rejectedCandidates,
    SortedMap<String, Long> droppedInstances,
    SortedMap<String, Long> failedRequests,
    Cost cost,
    Terms terms,
    Judged judged,
    SortedMap<String, Long> translationese) {
  public CardFacts {
    Objects.requireNonNull(title, "title");
    Objects.requireNonNull(statistics, "statistics");
    Objects.requireNonNull(terms, "terms");
    languages = List.copyOf(languages);
    rejectedCandidates = Collections.unmodifiableSortedMap(new TreeMap<>(rejectedCandidates));
    droppedInstances = Collections.unmodifiableSortedMap(new TreeMap<>(droppedInstances));
    failedRequests = Collections.unmodifiableSortedMap(new TreeMap<>(failedRequests));
    translationese = Collections.unmodifiableSortedMap(new TreeMap<>(translationese));
  }

  /**
   * What was judged.
   *
   * @param leftOut examples of the run that are not in the dataset, by reason
   * @param notes a sentence for each judgement that was gone by
   */
  public record Judged(SortedMap<String, Long> leftOut, List<String> notes) {
    public static final Judged NOTHING = new Judged(new TreeMap<>(), List.of());

    public Judged {
      leftOut = Collections.unmodifiableSortedMap(new TreeMap<>(leftOut));
      notes = List.copyOf(notes);
    }
  }

  /**
   * How much there is.
   *
   * @param examples examples in the dataset, seeds included where they are
   * @param seedExamples of which from seed tasks
   * @param instructions different instructions
   * @param classification instructions that are classification tasks
   * @param rounds rounds of generation
   * @param answers answers that were parsed in generation
   * @param candidates candidates parsed from them, kept or not
   * @param kept candidates kept
   */
  public record Counts(
      long examples,
      long seedExamples,
      long instructions,
      long classification,
      long rounds,
      long answers,
      long candidates,
      long kept) {}

  /**
   * What it was made from.
   *
   * @param recipe the recipe's name
   * @param model the model's name, as the endpoint knows it
   * @param decoding how the model decoded in generation, one line
   * @param seedTasks seed tasks in the file
   * @param seedsSha256 hash of the seed file
   * @param promptsSha256 hash of the prompt files
   * @param similarityThreshold a candidate is rejected when its ROUGE-L F with an accepted text is
   *     above it
   * @param tokenizer the similarity rule's tokenizer
   * @param samplingSeed the run's seed
   * @param sampler the sampling generator's version
   * @param identity the run's identity hash
   * @param software names and versions of what made it, in the order to be shown
   */
  public record Origin(
      String recipe,
      String model,
      String decoding,
      long seedTasks,
      String seedsSha256,
      String promptsSha256,
      double similarityThreshold,
      String tokenizer,
      long samplingSeed,
      String sampler,
      String identity,
      List<Map.Entry<String, String>> software) {
    public Origin {
      software = List.copyOf(software);
    }
  }

  /**
   * What it cost.
   *
   * @param requests requests answered
   * @param promptTokens tokens of their prompts
   * @param completionTokens tokens of their answers
   * @param winningUsd price of the answers in use; null when the model has no price
   * @param totalUsd price of all answers, lost attempts included; null likewise
   */
  public record Cost(
      long requests,
      long promptTokens,
      long completionTokens,
      @Nullable BigDecimal winningUsd,
      @Nullable BigDecimal totalUsd) {}
}
