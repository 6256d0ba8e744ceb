package io.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cria.shard.ExampleEncoder;
import io.cria.shard.TokenisedExample;
import io.cria.task.Conversation;
import io.cria.task.Message;
import io.cria.task.TrainingExample;
import io.cria.tokenizer.ModelChat;
import io.cria.tokenizer.ModelTokenizer;
import io.cria.tokenizer.SmallTokenizer;
import io.cria.tokenizer.TokenizerSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class MaskedTextTest {
  private static final String CHAT_ML =
      "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
          + "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

  private static final ModelTokenizer TOKENIZER =
      SmallTokenizer.create(
          new TokenizerSettings("<s>", "<|im_end|>", null, "<unk>", false, CHAT_ML));

  @AfterAll
  static void close() {
    TOKENIZER.close();
  }

  /** Parts in turn not learnt and learnt, the first not. */
  private static MaskedText parts(String... texts) {
    List<Integer> ids = new ArrayList<>();
    List<Boolean> learnt = new ArrayList<>();
    for (int part = 0; part < texts.length; part++) {
      for (int id : TOKENIZER.encode(texts[part], false)) {
        ids.add(id);
        learnt.add(part % 2 == 1);
      }
    }
    boolean[] marks = new boolean[learnt.size()];
    for (int i = 0; i < marks.length; i++) {
      marks[i] = learnt.get(i);
    }
    int[] tokens = ids.stream().mapToInt(Integer::intValue).toArray();
    return new MaskedText(new TokenisedExample(tokens, marks), TOKENIZER);
  }

  private static MaskedText chat(String... turns) {
    List<Message> messages = new ArrayList<>();
    for (String turn : turns) {
      messages.add(new Message(messages.size() % 2 == 0 ? Message.USER : Message.ASSISTANT, turn));
    }
    ExampleEncoder encoder = new ExampleEncoder(TOKENIZER, ModelChat.of(TOKENIZER));
    ExampleEncoder.Encoded encoded =
        encoder.encode(TrainingExample.chat(turns[0], Conversation.of(messages)));
    assertThat(encoded.sequences()).hasSize(1);
    return new MaskedText(encoded.sequences().get(0), TOKENIZER);
  }

  @Test
  void aChatIsReadTurnByTurnWithItsAnswersAndTheirEndsMarked() {
    MaskedText text = chat("Hi", "Hello!\nYou?", "And\t日本 🦙?", "the thing");
    assertThat(text.bracketed())
        .isEqualTo(
            """
            <|im_start|>user
            Hi<|im_end|>
            <|im_start|>assistant
            ⟦Hello!
            You?<|im_end|>⟧
            <|im_start|>user
            And\t日本 🦙?<|im_end|>
            <|im_start|>assistant
            ⟦the thing<|im_end|>⟧""");
    assertThat(text.doubts()).isEmpty();
  }

  @Test
  void colourIsPutOutAtEveryLineEnd() {
    assertThat(parts("ask", "one\n\ntwo", "x").coloured())
        .isEqualTo("ask\u001b[7mone\u001b[0m\n\n\u001b[7mtwo\u001b[0mx");
    assertThat(parts("ask", "one\n").coloured()).isEqualTo("ask\u001b[7mone\u001b[0m\n");
  }

  @Test
  void otherBracketsStandWhereTheTextHoldsTheUsualOnes() {
    MaskedText plain = parts("ask", "answer");
    assertThat(plain.hasOtherBrackets()).isFalse();
    MaskedText text = parts("a⟦b", "c⟫d");
    assertThat(text.bracketed()).isEqualTo("a⟦b⦃c⟫d⦄");
    assertThat(text.hasOtherBrackets()).isTrue();
    assertThat(parts("⟦⟪⦃⦅", "x").bracketed()).isEqualTo("⟦⟪⦃⦅⦅x⦆");
  }

  @Test
  void whatATerminalWouldObeyIsShownBySigns() {
    String text = "a\u001b[31m\r\n\b\u0000\u007f\u009b1m\u202eb\tc";
    assertThat(parts("ask", text).bracketed()).isEqualTo("ask⟦a␛[31m␍\n␈␀␡<U+009B>1m<U+202E>b\tc⟧");
    assertThat(parts("ask", text).coloured()).doesNotContain("\u001b[31m", "\r", "\u009b");
  }

  @Test
  void aTokenizerThatDropsATextsFirstSpaceLosesNoneWithin() throws IOException {
    String steps =
        """
        {"normalizer": {"type": "Sequence", "normalizers": [
          {"type": "Prepend", "prepend": "\u2581"},
          {"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"}]}}
        """;
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode root = (ObjectNode) mapper.readTree(SmallTokenizer.spaceMarking(steps));
    root.set(
        "decoder",
        mapper.readTree(
            """
            {"type": "Sequence", "decoders": [
              {"type": "Replace", "pattern": {"String": "\u2581"}, "content": " "},
              {"type": "ByteFallback"}, {"type": "Fuse"},
              {"type": "Strip", "content": " ", "start": 1, "stop": 0}]}
            """));
    byte[] json = root.toString().getBytes(StandardCharsets.UTF_8);
    TokenizerSettings settings = new TokenizerSettings(null, null, null, null, false, null);
    try (ModelTokenizer tokenizer = ModelTokenizer.of(json, settings, "t")) {
      int[] ids = tokenizer.encode("ab ab ab", false);
      assertThat(ids).hasSize(3);
      TokenisedExample example = new TokenisedExample(ids, new boolean[] {false, true, false});
      assertThat(new MaskedText(example, tokenizer).bracketed()).isEqualTo("ab⟦ ab⟧ ab");
    }
  }

  @Test
  void aMaskThatLooksWrongIsDoubted() {
    assertThat(parts("ask<|im_end|>").doubts()).containsExactly("nothing of it is learnt");
    assertThat(parts("", "ask<|im_end|>").doubts())
        .containsExactly("all of it is learnt, the prompt too");
    assertThat(parts("ask", "answer", "<|im_end|>").doubts())
        .containsExactly(
            "its last learnt token is no control token, so no end of an answer is learnt (one that"
                + " was cut has none)");
    assertThat(parts("a", "b", "<|im_end|>c", "d", "<|im_end|>e", "f<|im_end|>").doubts())
        .containsExactly("the control token behind a learnt part is not learnt, 2 times");
    assertThat(parts("a", "b", "c", "d<|im_end|>").doubts()).isEmpty();
  }

  @Test
  void aControlTokenThatSomebodyWroteIsTold() {
    MaskedText text = chat("What is <|im_end|>?", "A token.");
    assertThat(text.bracketed()).contains("user\nWhat is <|im_end|>?<|im_end|>\n");
    assertThat(text.doubts())
        .containsExactly("'<|im_end|>' stands in it as plain text, not as the control token");
  }
}
