package io.cria.sft.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.decoding.Choice;
import io.cria.decoding.ChoiceListener;
import io.cria.decoding.Prompt;
import io.cria.decoding.Question;
import io.cria.decoding.ScoredToken;
import io.cria.decoding.grammar.Grammar;
import io.cria.decoding.grammar.JsonSchema;
import io.cria.sft.TinyCheckpoint;
import io.cria.task.CriaException;
import io.cria.task.Decoding;
import io.cria.task.TextGenerator.Generated;
import io.cria.task.TextGenerator.PromptTooLongException;
import io.cria.task.TokenText;
import io.cria.tokenizer.TokenTexts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Questions of every kind, to a tiny random model. */
final class ChoicesTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int ROWS = 512;
  private static final String PROMPT = "the other thing";
  private static CheckpointGenerator model;

  @BeforeAll
  static void open(@TempDir Path folder) throws IOException {
    model = CheckpointGenerator.open(TinyCheckpoint.create(folder.resolve("tiny")), null);
  }

  @AfterAll
  static void close() {
    model.close();
  }

  /** Of the model's rows those without a token are never chosen. */
  private static Decoding decoding(int maxTokens, double temperature, long seed) {
    Map<String, Integer> biases = new HashMap<>();
    for (int id = model.tokenizer().vocabularySize(); id < ROWS; id++) {
      biases.put(Integer.toString(id), -100);
    }
    return new Decoding(
        maxTokens, temperature, null, null, null, null, null, List.of(), biases, seed);
  }

  private static List<Choice> ask(Question question, ChoiceListener listener) {
    List<int[]> prompts = new ArrayList<>();
    for (Prompt prompt : question.prompts()) {
      prompts.add(
          prompt instanceof Prompt.Ids ids
              ? model.knownIds(ids.ids())
              : model.textIds(((Prompt.Text) prompt).text()));
    }
    return model.answer(prompts, null, List.of(), question, listener);
  }

  private static Question asked(Prompt prompt, int samples, boolean echoed, boolean silent) {
    return new Question(
        List.of(prompt), samples, decoding(6, 1, 1), false, echoed, silent, 3, null);
  }

  private static Question scored(Prompt prompt, boolean echoed, boolean silent, int likeliest) {
    return new Question(
        List.of(prompt), 1, decoding(6, 0, 1), false, echoed, silent, likeliest, null);
  }

  @Test
  void aPlainQuestionHasTheAnswerOfAPlainGeneration() {
    Decoding decoding = decoding(20, 0.9, 5);
    Generated plain = model.generateText(PROMPT, decoding);
    StringBuilder heard = new StringBuilder();

    Choice choice =
        ask(
                Question.of(new Prompt.Text(PROMPT), decoding),
                (place, more, tokens) -> {
                  heard.append(more);
                  return true;
                })
            .get(0);

    assertThat(choice.text()).isEqualTo(plain.text()).isEqualTo(heard.toString());
    assertThat(choice.finishReason()).isEqualTo(plain.finishReason());
    assertThat(choice.completionTokens()).isEqualTo(plain.completionTokens());
    assertThat(choice.promptTokens()).isEqualTo(plain.promptTokens());
    assertThat(choice.tokens()).isEmpty();
  }

  @Test
  void theScoresOfAPromptAddUpToItsLikelihood() {
    Choice silent = ask(scored(new Prompt.Text(PROMPT), true, true, 3), ChoiceListener.NONE).get(0);

    assertThat(silent.text()).isEqualTo(PROMPT);
    assertThat(silent.completionTokens()).isZero();
    assertThat(silent.finishReason()).isEqualTo("length");
    assertThat(silent.tokens()).hasSize(silent.promptTokens());
    assertThat(silent.tokens().get(0).logProbability()).isNull();
    assertThat(silent.tokens().get(0).likeliest()).isEmpty();
    assertThat(sum(silent.tokens())).isCloseTo(model.logLikelihood(PROMPT), within(1e-9));
    assertThat(String.join("", silent.tokens().stream().map(t -> t.token().toString()).toList()))
        .isEqualTo(PROMPT);
  }

  @Test
  void whatIsWrittenIsScoredAsAPromptThatHoldsItWouldBe() {
    Choice written =
        ask(scored(new Prompt.Text(PROMPT), true, false, 4), ChoiceListener.NONE).get(0);
    assertThat(written.tokens()).hasSize(written.promptTokens() + written.completionTokens());
    List<Integer> ids = new ArrayList<>();
    for (int id : model.textIds(PROMPT)) {
      ids.add(id);
    }
    for (ScoredToken token : written.tokens().subList(ids.size(), written.tokens().size())) {
      ids.add(
          IntStream.range(0, model.tokenizer().vocabularySize())
              .filter(id -> model.tokenizer().tokenTexts().of(id).equals(token.token()))
              .findFirst()
              .orElseThrow());
    }

    Choice read = ask(scored(new Prompt.Ids(ids), true, true, 4), ChoiceListener.NONE).get(0);

    for (int i = 1; i < ids.size(); i++) {
      ScoredToken one = written.tokens().get(i);
      ScoredToken other = read.tokens().get(i);
      assertThat(one.token()).isEqualTo(other.token());
      assertThat(one.logProbability()).isCloseTo(other.logProbability(), within(1e-4));
      assertThat(one.likeliest())
          .hasSize(4)
          .isSortedAccordingTo((a, b) -> Double.compare(b.logProbability(), a.logProbability()));
    }
    ScoredToken greedy = written.tokens().get(written.promptTokens());
    assertThat(greedy.likeliest().get(0).logProbability())
        .as("a row without a token may be likelier")
        .isGreaterThanOrEqualTo(greedy.logProbability());
  }

  @Test
  void samplesOfAPromptShareItsScores() {
    List<Choice> choices = ask(asked(new Prompt.Text(PROMPT), 3, true, false), ChoiceListener.NONE);

    int prompt = choices.get(0).promptTokens();
    assertThat(choices)
        .allSatisfy(
            choice -> {
              assertThat(choice.tokens()).hasSize(prompt + choice.completionTokens());
              assertThat(choice.tokens().subList(0, prompt))
                  .isEqualTo(choices.get(0).tokens().subList(0, prompt));
            });
    assertThat(choices).extracting(Choice::text).doesNotHaveDuplicates();
  }

  @Test
  void scoringEndsWhenTheThreadIsInterrupted() {
    Thread.currentThread().interrupt();
    try {
      assertThatThrownBy(
              () -> ask(asked(new Prompt.Text(PROMPT), 1, true, true), ChoiceListener.NONE))
          .isInstanceOf(CancellationException.class);
    } finally {
      assertThat(Thread.interrupted()).as("it stays interrupted").isTrue();
    }
  }

  @Test
  void moreScoresThanAreHeldAreRefusedBeforeTheWork() {
    assertThatThrownBy(
            () -> ask(asked(new Prompt.Text(PROMPT), 50_000, false, false), ChoiceListener.NONE))
        .isInstanceOf(CriaException.class)
        .hasMessageContaining("with 1200000 log probabilities, of at most 1000000");
  }

  @Test
  void longTextsAreWrittenFewerAtOnce() {
    assertThat(Choices.atOnce(100, 1000)).isEqualTo(8);
    assertThat(Choices.atOnce(32_768, 16_384)).isEqualTo(2);
    assertThat(Choices.atOnce(131_072, 131_072)).isEqualTo(1);
  }

  private static double sum(List<ScoredToken> tokens) {
    return tokens.stream()
        .map(ScoredToken::logProbability)
        .filter(java.util.Objects::nonNull)
        .mapToDouble(Double::doubleValue)
        .sum();
  }

  @Test
  void manyChoicesComeInOrderAndDifferAndAreHeardApart() {
    Question question =
        new Question(
            List.of(new Prompt.Text("one"), new Prompt.Text(PROMPT)),
            6,
            decoding(12, 1, 3),
            false,
            false,
            false,
            0,
            null);
    List<StringBuilder> heard = IntStream.range(0, 12).mapToObj(i -> new StringBuilder()).toList();
    int[] tokens = new int[12];

    List<Choice> choices =
        ask(
            question,
            (place, more, scored) -> {
              tokens[place] += scored.size();
              heard.get(place).append(more);
              return true;
            });

    assertThat(choices).hasSize(12);
    assertThat(choices).extracting(Choice::text).doesNotHaveDuplicates();
    for (int i = 0; i < 12; i++) {
      assertThat(choices.get(i).text()).isEqualTo(heard.get(i).toString());
      assertThat(choices.get(i).promptTokens()).isEqualTo(choices.get(i / 6 * 6).promptTokens());
      assertThat(tokens[i]).isEqualTo(choices.get(i).completionTokens());
    }
    assertThat(ask(question, ChoiceListener.NONE)).isEqualTo(choices);
  }

  @Test
  void aListenerEndsOneChoiceAndNotTheOthers() {
    Question question =
        new Question(
            List.of(new Prompt.Text(PROMPT)), 2, decoding(30, 1, 3), false, false, false, -1, null);

    List<Choice> choices = ask(question, (place, more, tokens) -> place != 0);

    assertThat(choices.get(0).completionTokens()).isEqualTo(1);
    assertThat(choices.get(1).completionTokens()).isGreaterThan(1);
  }

  @Test
  void aLimitIsFittedOrRefused() {
    int context = model.contextLength();
    Prompt prompt = new Prompt.Text(PROMPT);
    Question all =
        new Question(List.of(prompt), 1, decoding(context, 0, 1), true, false, false, -1, null);
    int room = context - model.textIds(PROMPT).length;

    assertThat(ask(all, (place, more, tokens) -> false)).hasSize(1);
    assertThatThrownBy(
            () -> ask(Question.of(prompt, decoding(room + 1, 0, 1)), ChoiceListener.NONE))
        .isInstanceOf(PromptTooLongException.class);
    assertThatThrownBy(
            () ->
                ask(
                    Question.of(new Prompt.Ids(List.of(1, 512)), decoding(1, 0, 1)),
                    ChoiceListener.NONE))
        .isInstanceOf(CriaException.class)
        .hasMessage(
            "there is no token 512: the model's are 0 to 511; take the ids of its own tokenizer");
  }

  private static JsonNode tree(String json) {
    return parsed(json.replace('\'', '"'));
  }

  private static JsonNode parsed(String json) {
    try {
      return JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new AssertionError(json, e);
    }
  }

  private static Choice constrained(
      @Nullable Grammar grammar, int maxTokens, double temperature, long seed) {
    return ask(
            new Question(
                List.of(new Prompt.Text(PROMPT)),
                1,
                decoding(maxTokens, temperature, seed),
                false,
                false,
                false,
                -1,
                grammar),
            ChoiceListener.NONE)
        .get(0);
  }

  @Test
  void anAnswerKeptToASchemaParsesWhateverTheModelOrIsCutByItsLimit() {
    Grammar grammar =
        JsonSchema.grammar(
            tree(
                "{'type':'object','properties':{'name':{'type':'string','maxLength':8},"
                    + "'age':{'type':'integer'},'kind':{'enum':['é','the']},"
                    + "'tags':{'type':'array','items':{'type':'boolean'},'maxItems':4}},"
                    + "'required':['name','age','kind','tags']}"));
    int whole = 0;
    for (int seed = 0; seed < 20; seed++) {
      Choice choice = constrained(grammar, 160, seed % 4 == 0 ? 0 : 1.5, seed);
      if (choice.finishReason().equals("stop")) {
        JsonNode value = parsed(choice.text());
        assertThat(value.path("name").asText().codePoints().count()).isLessThanOrEqualTo(8);
        assertThat(value.path("age").isIntegralNumber()).isTrue();
        assertThat(value.path("kind").asText()).isIn("é", "the");
        assertThat(value.path("tags").size()).isLessThanOrEqualTo(4);
        assertThat(value.size()).isEqualTo(4);
        whole++;
      } else {
        assertThat(choice.completionTokens()).isEqualTo(160);
      }
    }
    assertThat(whole).isGreaterThan(10);
  }

  @Test
  void anyObjectIsOneOrIsCutByItsLimit() {
    for (int seed = 0; seed < 10; seed++) {
      Choice choice = constrained(JsonSchema.anyObject(), 60, 1, seed);
      if (choice.finishReason().equals("stop")) {
        assertThat(parsed(choice.text()).isObject()).isTrue();
      }
      assertThat(choice.text().strip()).startsWith("{");
    }
  }

  @Test
  void aTokenThatEndsAnswersIsNoPartOfOne() {
    TokenTexts texts = model.tokenizer().tokenTexts();
    int quote =
        IntStream.range(0, texts.size())
            .filter(id -> texts.of(id).equals(TokenText.of("\"")))
            .findFirst()
            .orElseThrow();
    Constraint.Rules rules = model.rules(JsonSchema.grammar(tree("{'enum':['a',1]}")));

    float[] logits = new float[ROWS];
    new Constraint(rules, new BitSet()).apply(logits);
    assertThat(logits[quote]).isZero();

    BitSet ends = new BitSet();
    ends.set(quote);
    new Constraint(rules, ends).apply(logits);
    assertThat(logits[quote]).isEqualTo(Float.NEGATIVE_INFINITY);
  }

  @Test
  void anAnswerEndsWhereItsGrammarDoes() {
    Choice choice = constrained(JsonSchema.grammar(tree("{'enum':['the thing']}")), 60, 1, 2);

    assertThat(choice.text().strip()).isEqualTo("\"the thing\"");
    assertThat(choice.finishReason()).isEqualTo("stop");
  }
}
