package io.cria.stage;

import io.cria.config.ConfigReader;
import io.cria.run.Rows;
import io.cria.run.Schemas;
import io.cria.safety.Moderation;
import io.cria.safety.ModerationCategory;
import io.cria.safety.ModerationRules;
import io.cria.safety.PiiFinder;
import io.cria.storage.Location;
import io.cria.storage.Manifest;
import io.cria.task.Ids;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;

/**
 * Moderates by the shipped rules of some languages, and looks for personal data; sends nothing
 * anywhere.
 */
final class RuleModerator implements Moderator {
  private static final String RATER = "rule:moderation";

  private final ArrayList<RuleFile> files;

  /** A language's rules as they are written: what travels. */
  private record RuleFile(String name, String text) implements Serializable {
    ModerationRules rules() {
      return ConfigReader.parse(text, name, ModerationRules.class, Map.of());
    }
  }

  private RuleModerator(List<RuleFile> files) {
    this.files = new ArrayList<>(files);
  }

  /**
   * @param languages with rules that ship
   * @throws io.cria.task.CriaException (bad input) when there are none, or they are malformed
   */
  static RuleModerator of(List<String> languages, Configuration hadoop) {
    List<RuleFile> files = new ArrayList<>();
    for (String language : languages) {
      String name = "shipped:conf/moderation/" + language + ".yaml";
      files.add(
          new RuleFile(
              name,
              Location.of(name, hadoop).text("moderation.languages is to name languages of ours")));
    }
    Moderation unused = moderation(files);
    return new RuleModerator(files);
  }

  private static Moderation moderation(List<RuleFile> files) {
    return new Moderation(files.stream().map(RuleFile::rules).toList());
  }

  @Override
  public Manifest.Input input() {
    StringBuilder rules = new StringBuilder();
    files.forEach(file -> rules.append(file.name()).append('\n').append(file.text()).append('\n'));
    return new Manifest.Input("moderation/rules", Ids.sha256(rules.toString()));
  }

  @Override
  public Dataset<Row> moderated(int round, List<Manifest.Input> inputs, Dataset<Row> texts) {
    return texts.mapPartitions(new Judge(files), Encoders.row(Schemas.MODERATED));
  }

  /** The kinds of personal data in a text. */
  static String[] pii(String text) {
    return PiiFinder.find(text).stream()
        .map(match -> match.kind().word())
        .distinct()
        .sorted()
        .toArray(String[]::new);
  }

  private static final class Judge implements MapPartitionsFunction<Row, Row> {
    private static final long serialVersionUID = 1L;

    private final ArrayList<RuleFile> files;

    Judge(List<RuleFile> files) {
      this.files = new ArrayList<>(files);
    }

    @Override
    public Iterator<Row> call(Iterator<Row> texts) {
      return new Judged(moderation(files), texts);
    }
  }

  private record Judged(Moderation moderation, Iterator<Row> texts) implements Iterator<Row> {
    @Override
    public boolean hasNext() {
      return texts.hasNext();
    }

    @Override
    public Row next() {
      Row row = texts.next();
      String text = row.getAs(TEXT);
      Moderation.Result result = moderation.score(text);
      return Rows.row(
          Schemas.MODERATED,
          row.getAs("instance_id"),
          row.getAs("round"),
          row.getAs("row"),
          row.getAs("item"),
          row.getAs("n"),
          RATER,
          null,
          result.flagged(),
          categories(result),
          scores(result),
          pii(text));
    }

    private static String[] categories(Moderation.Result result) {
      return Arrays.stream(ModerationCategory.values())
          .filter(category -> result.score(category) >= Moderation.THRESHOLD)
          .map(ModerationCategory::word)
          .toArray(String[]::new);
    }

    private static Row scores(Moderation.Result result) {
      return Rows.row(
          Schemas.SCORES, Arrays.stream(ModerationCategory.values()).map(result::score).toArray());
    }
  }
}
