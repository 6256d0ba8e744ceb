package io.cria.stage;

import io.cria.config.AskConfig;
import io.cria.config.EvaluationConfig;
import io.cria.evaluate.EvaluationReport;
import io.cria.evaluate.EvaluationReport.Rater;
import io.cria.evaluate.EvaluationSet;
import io.cria.evaluate.EvaluationText;
import io.cria.evaluate.JudgedPair;
import io.cria.evaluate.LevelVerdicts;
import io.cria.evaluate.PairLikelihood;
import io.cria.evaluate.PairVerdicts;
import io.cria.evaluate.SetScores;
import io.cria.evaluate.VerdictFile;
import io.cria.run.AskContext;
import io.cria.run.VerdictTable;
import io.cria.storage.Json;
import io.cria.storage.Manifest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What an evaluation found: verdicts into the table {@code verdicts}, and {@value #JSON} and
 * {@value #TEXT}. All of it follows from what the stages before have committed.
 */
public final class EvaluationReporting implements BesideStage {
  public static final String JSON = "report.json";
  public static final String TEXT = "report.txt";

  /** Names of judgements in the table: of the judge model, and of people. */
  private static final String MODEL = "model";

  private static final String PEOPLE = "people";

  private final AnswerComparison.Plan plan;
  private final String mode;
  private final @Nullable AnswerJudging judging;
  private final PeopleVerdicts people;

  /**
   * @param answerers in the order in which they are told
   * @param seed of orders, sides and intervals
   * @param mode {@link EvaluationConfig#PAIRS} or {@link EvaluationConfig#LEVELS}
   * @param judging the judge; null without one
   * @param people what people said
   */
  public EvaluationReporting(
      EvaluationSet set,
      List<String> answerers,
      long seed,
      String mode,
      @Nullable AnswerJudging judging,
      PeopleVerdicts people) {
    this.plan = new AnswerComparison.Plan(set, answerers, seed);
    this.mode = mode;
    this.judging = judging;
    this.people = people;
  }

  @Override
  public String name() {
    return "report";
  }

  @Override
  public Optional<AskConfig> asks() {
    return Optional.empty();
  }

  @Override
  public boolean run(AskContext context) {
    AnswerComparison comparison = plan.of(context);
    List<EvaluationVerdicts> verdicts = new ArrayList<>();
    byModel(context, comparison).ifPresent(verdicts::add);
    byPeople(context, comparison).ifPresent(verdicts::add);
    EvaluationReport report = report(context, comparison, verdicts);
    boolean changed = write(context, JSON, Json.write(report));
    return write(context, TEXT, EvaluationText.of(report)) || changed;
  }

  private boolean pairs() {
    return mode.equals(EvaluationConfig.PAIRS);
  }

  private String kind() {
    return pairs() ? EvaluationVerdicts.PAIR : EvaluationVerdicts.LEVEL;
  }

  private Optional<EvaluationVerdicts> byModel(AskContext context, AnswerComparison comparison) {
    if (judging == null) {
      return Optional.empty();
    }
    EvaluationVerdicts verdicts = new EvaluationVerdicts(comparison, kind());
    Map<String, EvaluationVerdicts.Said> said =
        EvaluationVerdicts.said(() -> judging.verdicts(context));
    if (pairs()) {
      verdicts.addJudgedPairs(judging.rater(), said);
    } else {
      verdicts.addLevels(judging.rater(), said, true);
    }
    publish(context, MODEL, judging.inputs(context), verdicts);
    return Optional.of(verdicts);
  }

  private Optional<EvaluationVerdicts> byPeople(AskContext context, AnswerComparison comparison) {
    KeptVerdicts.counting(context.run());
    List<VerdictFile> files = people.kept(context.run(), comparison);
    if (files.isEmpty() && !isPublished(context, PEOPLE)) {
      return Optional.empty();
    }
    EvaluationVerdicts verdicts = new EvaluationVerdicts(comparison, kind());
    List<Manifest.Input> inputs = new ArrayList<>();
    for (VerdictFile file : files) {
      Map<String, EvaluationVerdicts.Said> said = new HashMap<>();
      file.entries()
          .forEach(
              entry ->
                  said.put(
                      entry.subject(),
                      new EvaluationVerdicts.Said(entry.verdict(), entry.reason(), null)));
      if (pairs()) {
        verdicts.addPairs(file.rater(), said);
      } else {
        verdicts.addLevels(file.rater(), said, false);
      }
      inputs.add(new Manifest.Input("people/" + mode + "/" + file.rater(), file.sha256()));
    }
    publish(context, PEOPLE, inputs, verdicts);
    return Optional.of(verdicts);
  }

  private boolean isPublished(AskContext context, String name) {
    return VerdictTable.published(context.run(), kind()).stream()
        .anyMatch(published -> published.name().equals(name));
  }

  private void publish(
      AskContext context, String name, List<Manifest.Input> judged, EvaluationVerdicts verdicts) {
    List<Manifest.Input> inputs = new ArrayList<>();
    inputs.add(Blinding.input(context, mode));
    inputs.addAll(judged);
    boolean there =
        VerdictTable.published(context.run(), kind()).stream()
            .filter(published -> published.name().equals(name))
            .anyMatch(published -> published.manifest().inputs().equals(inputs));
    if (!there) {
      context.checkpoint();
      Manifest unused =
          VerdictTable.publish(
              context.run(),
              context.spark().sparkContext().hadoopConfiguration(),
              kind(),
              name,
              inputs,
              verdicts.rows().iterator());
    }
  }

  private EvaluationReport report(
      AskContext context, AnswerComparison comparison, List<EvaluationVerdicts> verdicts) {
    List<Rater> raters = verdicts.stream().flatMap(each -> each.raters().stream()).toList();
    List<JudgedPair> pairs = verdicts.stream().flatMap(each -> each.pairs().stream()).toList();
    List<LevelVerdicts.Judged> levels =
        verdicts.stream().flatMap(each -> each.levels().stream()).toList();
    long seed = comparison.seed();
    return EvaluationReport.of(
        comparison.set(),
        comparison.sheet(),
        SetScores.of(comparison.set(), comparison.sheet(), likelihoods(context), seed),
        raters,
        pairs.isEmpty() ? null : PairVerdicts.of(pairs, comparison.sheet(), seed),
        levels.isEmpty() ? null : LevelVerdicts.of(levels, comparison.sheet(), seed));
  }

  private Map<String, List<PairLikelihood>> likelihoods(AskContext context) {
    Map<String, List<PairLikelihood>> likelihoods = new HashMap<>();
    for (String answerer : plan.answerers()) {
      Likelihoods.read(context.run(), answerer)
          .ifPresent(measured -> likelihoods.put(answerer, measured.pairs()));
    }
    return likelihoods;
  }

  private static boolean write(AskContext context, String file, String text) {
    if (context.run().text(file).filter(text::equals).isPresent()) {
      return false;
    }
    context.checkpoint();
    context.run().replace(file, text);
    return true;
  }
}
