package io.cria.stage;

import io.cria.dataset.CardFacts;
import io.cria.dataset.Croissant;
import io.cria.dataset.DatasetCard;
import io.cria.dataset.ExampleFormat;
import io.cria.run.RunContext;
import io.cria.storage.Manifest;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** What is told of a dataset beside its records: for people, for programs, and in its files. */
final class ExportCards {
  private static final String README = "README.md";

  private final RunContext context;
  private final CardSource source;

  ExportCards(RunContext context, List<Integer> rounds, CardFacts.Judged judged) {
    this.context = context;
    this.source = new CardSource(context, rounds, judged);
  }

  /** What a Parquet file tells of itself when it goes its own ways. */
  static SortedMap<String, String> metadata(RunContext context) {
    SortedMap<String, String> metadata = new TreeMap<>();
    metadata.put("cria.identity", context.identity());
    context.config().terms().told().forEach((key, value) -> metadata.put("cria." + key, value));
    return metadata;
  }

  /**
   * @param files those that hold records, named within the dataset
   * @param temporary where the dataset is being made
   */
  Manifest.File croissant(List<Manifest.File> files, String temporary) {
    String text =
        Croissant.render(
            source.title(),
            context.config().terms(),
            source.languages(),
            files.stream()
                .map(file -> new Croissant.DataFile(file.name(), file.bytes(), file.sha256()))
                .toList());
    return written(Croissant.FILE, text, temporary);
  }

  Manifest.File card(Dataset<Row> examples, List<ExampleFormat> formats, String temporary) {
    context.job("dataset card");
    return written(README, DatasetCard.render(source.facts(examples), formats, true), temporary);
  }

  private Manifest.File written(String name, String text, String temporary) {
    String file = temporary + "/" + name;
    context.run().replace(file, text);
    return new Manifest.File(name, -1, context.run().size(file), context.run().sha256(file));
  }
}
