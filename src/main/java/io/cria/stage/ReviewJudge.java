package io.cria.stage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.config.AskConfig;
import io.cria.config.DecodingConfig;
import io.cria.evaluate.AnswerForm;
import io.cria.prompt.JudgePrompt;
import io.cria.prompt.PromptFiles;
import io.cria.run.AskContext;
import io.cria.storage.Json;
import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.Ids;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/** Puts the three questions of a review to a judge model, once for each example of the sample. */
public final class ReviewJudge implements BesideStage {
  static final String NAME = "review";

  /** Who judges a review; written once, since its verdicts are of one judge. */
  private static final String JUDGE = "judge.json";

  private static final String MODEL = "model";
  private static final List<String> TEXTS = List.of("instruction", "input", "output");
  private static final int SHOWN = 60;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final AskConfig asking;
  private final Map<String, Object> identity;
  private final Map<String, String> kept;
  private final JudgeQuestions questions;

  /**
   * @param identity what decides what the judge is
   * @param kept file below the review's directory to text: copies of what the judge was started
   *     from
   */
  public ReviewJudge(
      AskConfig asking,
      DecodingConfig decoding,
      PromptFiles prompts,
      Map<String, Object> identity,
      Map<String, String> kept) {
    this.asking = asking;
    this.identity = new TreeMap<>(identity);
    this.kept = Map.copyOf(kept);
    this.questions =
        new JudgeQuestions(
            NAME,
            AnswerForm.REVIEW,
            JudgePrompt.of(prompts, NAME, TEXTS, AnswerForm.REVIEW.shown()),
            decoding,
            "another model, prompts or more tokens, and another --name");
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Optional<AskConfig> asks() {
    return Optional.of(asking);
  }

  /** The texts of the request about an example, as they are sent. */
  public List<String> texts(SampledExample example) {
    return questions.texts(subject(example)).toList();
  }

  /** Whether a review's judge has nothing left to be asked. */
  public static boolean isWhole(RunDirectory review) {
    return JudgeQuestions.isWhole(review, NAME);
  }

  /** The model that judged a review; empty where none did. */
  static Optional<String> model(RunDirectory review) {
    return review.text(JUDGE).map(text -> tree(review, text).path(MODEL).asText());
  }

  @Override
  public boolean run(AskContext context) {
    RunDirectory review = context.run();
    String own = Json.write(identity);
    Optional<String> there = review.text(JUDGE);
    if (there.isEmpty()) {
      review.replace(JUDGE, own);
    } else {
      requireSame(review, tree(review, there.get()), tree(review, own));
    }
    kept.forEach(review::replace);
    List<SampledExample> sample = ReviewSample.read(review);
    return questions.run(
        context,
        List.of(ReviewSample.input(review), new Manifest.Input(JUDGE, Ids.sha256(own))),
        () -> sample.stream().map(ReviewJudge::subject).iterator());
  }

  private static JudgeQuestions.Subject subject(SampledExample example) {
    return new JudgeQuestions.Subject(
        example.subject(),
        Map.of(
            TEXTS.get(0), example.instruction(),
            TEXTS.get(1), example.input(),
            TEXTS.get(2), example.output()));
  }

  private static JsonNode tree(RunDirectory review, String text) {
    try {
      return JSON.readTree(text);
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      throw new CriaException(
          ExitCode.RUN_REFUSED,
          review.path(JUDGE)
              + ": damaged ("
              + e.getOriginalMessage()
              + "): restore it, or take another --name",
          e);
    }
  }

  private static void requireSame(RunDirectory review, JsonNode there, JsonNode here) {
    List<String> differences = new ArrayList<>();
    here.properties()
        .forEach(
            field -> {
              JsonNode other = there.path(field.getKey());
              if (!Objects.equals(field.getValue(), other)) {
                differences.add(
                    field.getKey()
                        + " is "
                        + shown(field.getValue())
                        + " here, "
                        + shown(other)
                        + " there");
              }
            });
    if (!differences.isEmpty()) {
      throw new CriaException(
          ExitCode.RUN_REFUSED,
          review.root()
              + ": another judge has this review ("
              + String.join("; ", differences)
              + "): take another --name, or the judge's configuration it was begun with");
    }
  }

  private static String shown(JsonNode value) {
    String text = value.isTextual() ? value.asText() : value.toString();
    return text.length() > SHOWN ? text.substring(0, 12) + "…" : text;
  }
}
