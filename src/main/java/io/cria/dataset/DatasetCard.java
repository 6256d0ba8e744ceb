package io.cria.dataset;

import io.cria.task.HubLicense;
import io.cria.task.Terms;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The {@code README.md} beside a dataset: a YAML head in the form of Hugging Face's dataset cards,
 * then what the data is, how it was made, what was rejected and why, what it cost, and how to trace
 * an example.
 */
public final class DatasetCard {
  private static final String[] MAGNITUDES = {
    "1K", "10K", "100K", "1M", "10M", "100M", "1B", "10B", "100B", "1T"
  };

  private final CardFacts facts;
  private final List<ExampleFormat> formats;
  private final boolean parquet;
  private final StringBuilder out = new StringBuilder();

  private DatasetCard(CardFacts facts, List<ExampleFormat> formats, boolean parquet) {
    this.facts = facts;
    this.formats = formats;
    this.parquet = parquet;
  }

  /**
   * The card's text, with {@code \n}.
   *
   * @param formats the text files that lie beside it
   * @param parquet whether {@code parquet/} does
   */
  public static String render(CardFacts facts, List<ExampleFormat> formats, boolean parquet) {
    DatasetCard card = new DatasetCard(facts, List.copyOf(formats), parquet);
    card.head();
    card.contents();
    card.making();
    card.rejected();
    card.judged();
    card.translationese();
    card.cost();
    card.provenance();
    card.use();
    return card.out.toString();
  }

  /** The size category of Hugging Face's cards for a number of examples. */
  static String sizeCategory(long examples) {
    long bound = 1_000;
    for (int i = 0; i < MAGNITUDES.length; i++, bound *= 10) {
      if (examples < bound) {
        return i == 0 ? "n<1K" : MAGNITUDES[i - 1] + "<n<" + MAGNITUDES[i];
      }
    }
    return "n>1T";
  }

  private void head() {
    line("---");
    line("pretty_name: " + JsonText.quoted(facts.title()));
    HubLicense.head(facts.terms().license())
        .forEach((key, value) -> line(key + ": " + JsonText.quoted(inline(value))));
    languages();
    yamlList("size_categories", List.of(sizeCategory(facts.counts().examples())));
    yamlList("task_categories", List.of("text-generation"));
    yamlList("tags", List.of("instruction-tuning", "synthetic", facts.origin().recipe(), "cria"));
    configurations();
    line("---");
    line("");
    line("# " + inline(facts.title()));
    line("");
  }

  /** Cards name languages by their codes alone; a country or script has a key of its own. */
  private void languages() {
    List<String> tags = facts.languages();
    yamlList("language", tags.stream().map(tag -> tag.replaceFirst("-.*", "")).distinct().toList());
    List<String> narrower = tags.stream().filter(tag -> tag.contains("-")).toList();
    if (!narrower.isEmpty()) {
      yamlList("language_bcp47", narrower);
    }
  }

  /** Each file by itself: loaders would take those of one folder together. */
  private void configurations() {
    if (parquet || !formats.isEmpty()) {
      line("configs:");
    }
    if (parquet) {
      configuration("default", "parquet/**/*.parquet");
    }
    formats.forEach(format -> configuration(format.configuration(), format.fileName()));
  }

  private void configuration(String name, String files) {
    line("- config_name: " + name);
    line("  data_files: " + JsonText.quoted(files));
  }

  private void contents() {
    CardFacts.Counts counts = facts.counts();
    line(
        number(counts.examples())
            + " examples of "
            + number(counts.instructions())
            + " instructions ("
            + number(counts.classification())
            + " of them classification tasks); "
            + number(counts.seedExamples())
            + " examples are people's, from the seed tasks, and "
            + number(counts.examples() - counts.seedExamples())
            + " a model's.");
    line("");
    line("| file | one record is |");
    line("|---|---|");
    if (parquet) {
      line("| `parquet/` | an example, with ids, encodings and origin |");
    }
    for (ExampleFormat format : formats) {
      line("| `" + format.fileName() + "` | " + describe(format) + " |");
    }
    line("");
    line("| statistics (lengths in words between white space) | |");
    line("|---|---:|");
    facts.statistics().rows().forEach(row -> row(row.name(), row.value()));
    line("");
  }

  private static String describe(ExampleFormat format) {
    return switch (format) {
      case ALPACA_JSON, ALPACA_JSONL -> "an example: `instruction`, `input`, `output`";
      case SELF_INSTRUCT ->
          "an instruction: `instruction`, `instances` of `input` and `output`, `is_classification`";
      case PROMPT_COMPLETION -> "an example laid out for fine-tuning: `prompt`, `completion`";
      case CHAT -> "an example as a chat: `messages` of `role` and `content`";
      case SHAREGPT -> "an example as a chat: `conversations` of `from` and `value`";
      case ALPACA_EVAL ->
          "an example as AlpacaEval reads it: `dataset`, `instruction` with its input, `output`,"
              + " `generator`";
    };
  }

  private void making() {
    CardFacts.Origin origin = facts.origin();
    line("## How it was made");
    line("");
    line(
        "By the recipe `"
            + inline(origin.recipe())
            + "`: the model `"
            + inline(origin.model())
            + "` was shown some of "
            + number(origin.seedTasks())
            + " seed tasks at a time and asked for more, over "
            + number(facts.counts().rounds())
            + " rounds. What it wrote was parsed, filtered, and compared with the seeds and with"
            + " everything accepted before: a candidate was rejected when its ROUGE-L F with any of"
            + " them was above "
            + origin.similarityThreshold()
            + " (tokenizer `"
            + inline(origin.tokenizer())
            + "`). The outputs are the model's own; nobody has checked them one by one.");
    line("");
    line("Decoding in generation: " + inline(origin.decoding()) + ".");
    line("");
  }

  private void rejected() {
    CardFacts.Counts counts = facts.counts();
    line("## Kept and rejected");
    line("");
    line(
        "Of "
            + number(counts.candidates())
            + " candidates in "
            + number(counts.answers())
            + " answers "
            + number(counts.kept())
            + " were kept.");
    line("");
    table("rejected candidates, by reason", facts.rejectedCandidates());
    table("dropped instances, by reason", facts.droppedInstances());
    table("requests without an answer, by outcome", facts.failedRequests());
  }

  private void judged() {
    CardFacts.Judged judged = facts.judged();
    if (judged.notes().isEmpty()) {
      return;
    }
    line("## Judged and left out");
    line("");
    judged.notes().forEach(note -> line(inline(note)));
    line("");
    table("examples of the run that are not here, by reason", judged.leftOut());
  }

  private void translationese() {
    if (facts.translationese().isEmpty()) {
      return;
    }
    line("## Marks of translation");
    line("");
    line(
        "Turns of phrase that Korean has from translations, counted in instructions and outputs;"
            + " nothing was left out for them.");
    line("");
    table("examples with the mark", facts.translationese());
  }

  private void cost() {
    CardFacts.Cost cost = facts.cost();
    line("## Cost");
    line("");
    line(
        number(cost.requests())
            + " answers in use, of "
            + number(cost.promptTokens())
            + " prompt tokens and "
            + number(cost.completionTokens())
            + " completion tokens: "
            + usd(cost.winningUsd())
            + ". All attempts together, lost ones included: "
            + usd(cost.totalUsd())
            + ".");
    line("");
  }

  private void provenance() {
    CardFacts.Origin origin = facts.origin();
    line("## Provenance");
    line("");
    line("| | |");
    line("|---|---|");
    row("run identity", "`" + inline(origin.identity()) + "`");
    row("seed tasks", "SHA-256 `" + inline(origin.seedsSha256()) + "`");
    row("prompts", "SHA-256 `" + inline(origin.promptsSha256()) + "`");
    row(
        "sampling",
        "seed " + origin.samplingSeed() + ", generator `" + inline(origin.sampler()) + "`");
    for (Map.Entry<String, String> entry : origin.software()) {
      row(inline(entry.getKey()), inline(entry.getValue()));
    }
    line("");
    line(
        "Every machine-written example names its instance, that its candidate, that the answer it"
            + " was read from and the request that was sent: `example_id` is `instance_id:layout`,"
            + " `instance_id` is `candidate_id/n`, `candidate_id` is `request_key#item`. The run's"
            + " tables hold them all, the rejected ones included.");
    line("");
  }

  private void use() {
    line("## Licence and use");
    line("");
    line("| | |");
    line("|---|---|");
    row("licence", told("license"));
    row("terms of the model that wrote the texts", told("teacher_terms"));
    row("intended use", told("intended_use"));
    row("attribution", told("attribution"));
    line("");
    line(
        "The texts are a language model's. They can be wrong, biased or unsuitable, and a model"
            + " trained on them inherits that.");
  }

  private String told(String key) {
    return inline(facts.terms().told().getOrDefault(key, Terms.NOT_STATED));
  }

  private void table(String title, Map<String, Long> counts) {
    if (counts.isEmpty()) {
      return;
    }
    line("| " + title + " | |");
    line("|---|---:|");
    counts.forEach((key, count) -> row("`" + inline(key) + "`", number(count)));
    line("");
  }

  private void yamlList(String key, List<String> values) {
    line(key + ":" + (values.isEmpty() ? " []" : ""));
    values.forEach(value -> line("- " + JsonText.quoted(value)));
  }

  private void row(String name, String value) {
    line("| " + name + " | " + value + " |");
  }

  private void line(String text) {
    out.append(text).append('\n');
  }

  private static String number(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  private static String usd(@Nullable BigDecimal amount) {
    return amount == null
        ? "no price known"
        : amount.setScale(4, RoundingMode.HALF_UP).toPlainString() + " USD";
  }

  /** On one line and unable to close a code span or a table cell. */
  private static String inline(String text) {
    return text.strip().replaceAll("\\s+", " ").replace('`', '\'').replace("|", "\\|");
  }
}
