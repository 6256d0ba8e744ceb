package io.cria.sft;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.decoding.Choice;
import io.cria.decoding.Prompt;
import io.cria.decoding.Question;
import io.cria.task.Conversation;
import io.cria.task.Decoding;
import io.cria.task.Message;
import io.cria.task.TrainingExample;
import io.cria.tokenizer.ModelTokenizer;
import io.cria.tokenizer.PromptTemplate;
import io.cria.tokenizer.SmallTokenizer;
import io.cria.tokenizer.TemplateSource;
import io.cria.tokenizer.TokenizerSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TunedModelTest {
  private static final String ZEPHYR =
      "{% for m in messages %}{{ '<|' + m.role + '|>\n' + m.content + eos_token + '\n' }}{% endfor %}"
          + "{% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% endif %}";
  private static final Decoding ONE_TOKEN =
      new Decoding(1, 0.0, null, null, null, null, null, List.of(), Map.of(), 0L);
  private static final int BOS = 1;

  @TempDir Path folder;

  private int[] asked = {};

  /** The ids that a model which begins every sequence with bos is given. */
  private int[] asked(TemplateSource layout, Consumer<TunedModel> asking) throws IOException {
    Path checkpoint = folder.resolve("model");
    if (!Files.exists(checkpoint)) {
      TinyCheckpoint.create(checkpoint);
      try (ModelTokenizer tokenizer = beginning()) {
        tokenizer.writeTo(checkpoint);
      }
    }
    try (TunedModel model =
        TunedModel.open(checkpoint, null, layout, (previous, logits) -> asked = previous)) {
      asking.accept(model);
    }
    return asked;
  }

  private static ModelTokenizer beginning() {
    return SmallTokenizer.create(new TokenizerSettings("<s>", "</s>", null, "<unk>", true, ZEPHYR));
  }

  private static int[] taught(TemplateSource layout) {
    TrainingExample example = TrainingExample.task("Say it.", "", "It.");
    try (ModelTokenizer tokenizer = beginning()) {
      PromptTemplate template = layout.template(tokenizer);
      return tokenizer.encode(template.training(example).sequences().get(0).get(0).pieces());
    }
  }

  @Test
  void aModelIsAskedWithTheTokensItWasTaughtWithWhoeverAddsBos() throws IOException {
    int[] chat =
        asked(
            TemplateSource.OWN_CHAT,
            model -> model.chat(List.of(new Message(Message.USER, "Say it.")), ONE_TOKEN));
    assertThat(chat).containsExactly(taught(TemplateSource.OWN_CHAT)).doesNotContain(BOS);

    TemplateSource file = TemplateSource.read("conf/templates/alpaca.yaml", Path.of(""));
    int[] answer =
        asked(
            file,
            model -> model.answer(List.of(new TunedModel.Question("Say it.", "")), ONE_TOKEN));
    assertThat(answer).containsExactly(taught(file)).startsWith(BOS);
  }

  @Test
  void thePlainPairIsAskedAsItWasTaught() throws IOException {
    TemplateSource plain = TemplateSource.read("conf/templates/plain.yaml", Path.of(""));
    int[] answer =
        asked(
            plain,
            model -> model.answer(List.of(new TunedModel.Question("Say it.", "")), ONE_TOKEN));
    assertThat(answer).containsExactly(taught(plain));
  }

  @Test
  void plainTextIsBegunAsTheModelBeginsEverySequence() throws IOException {
    int[] text = asked(TemplateSource.OWN_CHAT, model -> model.complete("the <s>", ONE_TOKEN));
    assertThat(text).startsWith(BOS).hasSizeGreaterThan(3);
    assertThat(java.util.Arrays.stream(text).filter(id -> id == BOS)).hasSize(1);
  }

  @Test
  void anAnswerIsHeardWhileItIsWrittenUnderTheHookAndMayBeEnded() throws IOException {
    Path checkpoint = TinyCheckpoint.create(folder.resolve("heard"));
    Decoding decoding =
        new Decoding(24, 1.0, null, null, null, null, null, List.of(), Map.of(), 7L);
    List<Message> messages = List.of(new Message(Message.USER, "Say it."));
    AtomicInteger hooked = new AtomicInteger();
    try (TunedModel model =
        TunedModel.open(checkpoint, null, null, (previous, logits) -> hooked.incrementAndGet())) {
      List<String> heard = new ArrayList<>();
      Question question = Question.of(new Prompt.Chat(Conversation.of(messages)), decoding);
      Choice whole = model.answer(question, (choice, more, tokens) -> heard.add(more)).get(0);
      assertThat(String.join("", heard)).isEqualTo(whole.text()).isNotEmpty();
      assertThat(heard.size()).isGreaterThan(1);
      assertThat(whole.text()).isEqualTo(model.chat(messages, decoding).text());
      assertThat(hooked.get()).isEqualTo(2 * whole.completionTokens());

      heard.clear();
      Choice ended =
          model
              .answer(question, (choice, more, tokens) -> heard.add(more) && heard.size() < 3)
              .get(0);
      assertThat(ended.completionTokens()).isEqualTo(3);
      assertThat(whole.text()).startsWith(ended.text());
    }
  }
}
