package io.cria.sft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cria.sft.generate.CheckpointGenerator;
import io.cria.sft.generate.TokenRows;
import io.cria.sft.model.ModelConfigJson;
import io.cria.task.CriaException;
import io.cria.task.Decoding;
import io.cria.tokenizer.ModelTokenizer;
import io.cria.weights.WeightsDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model of 512 rows whose tokenizer was given {@code [PAD]} with the id 512. */
class TokenBeyondRowsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String EMBEDDING = "model.embed_tokens.weight";
  private static final Decoding TWO_TOKENS =
      new Decoding(2, 0.0, null, null, null, null, null, List.of(), Map.of(), 0L);

  @TempDir Path folder;

  private Path model;

  @BeforeEach
  void addAPaddingToken() throws IOException {
    model = TinyCheckpoint.create(folder.resolve("model"));
    addToken(512, "[PAD]", true);
    Path settings = model.resolve("tokenizer_config.json");
    ObjectNode config = JSON.readValue(settings.toFile(), ObjectNode.class);
    Files.writeString(settings, config.put("pad_token", "[PAD]").toString());
  }

  private void addToken(int id, String text, boolean special) throws IOException {
    Path file = model.resolve("tokenizer.json");
    ObjectNode json = JSON.readValue(file.toFile(), ObjectNode.class);
    json.withArray("/added_tokens")
        .addObject()
        .put("id", id)
        .put("content", text)
        .put("single_word", false)
        .put("lstrip", false)
        .put("rstrip", false)
        .put("normalized", false)
        .put("special", special);
    Files.writeString(file, json.toString());
  }

  @Test
  void theModelIsAskedAsLongAsNoPromptHasTheToken() {
    try (CheckpointGenerator generator = CheckpointGenerator.open(model, null)) {
      assertThat(generator.generate("the thing", TWO_TOKENS).completionTokens()).isPositive();
      assertThatThrownBy(() -> generator.generate("the [PAD]", TWO_TOKENS))
          .isInstanceOf(CriaException.class)
          .hasMessage(
              "the prompt has the token '[PAD]' (id 512): the model's embedding has 512 rows, none"
                  + " for it: give the model rows with transformers (resize_token_embeddings), or"
                  + " take the token out of its tokenizer");
    }
  }

  @Test
  void trainingGivesTheTokenARow() {
    Path prepared = BaseModel.prepare(model, folder.resolve("base"), false);
    assertThat(prepared).isEqualTo(folder.resolve("base"));
    assertThat(ModelConfigJson.read(prepared).vocabularySize()).isEqualTo(513);
    float[] before = WeightsDirectory.open(model).tensor(EMBEDDING).floats();
    float[] after = WeightsDirectory.open(prepared).tensor(EMBEDDING).floats();
    int columns = before.length / 512;
    assertThat(after).hasSize(513 * columns).startsWith(before);
    double mean = 0;
    for (int row = 0; row < 512; row++) {
      mean += before[row * columns] / 512.0;
    }
    assertThat(after[512 * columns]).isCloseTo((float) mean, within(1e-6f));
    try (CheckpointGenerator generator = CheckpointGenerator.open(prepared, null)) {
      assertThat(generator.generate("the [PAD]", TWO_TOKENS).completionTokens()).isPositive();
    }
    assertThat(BaseModel.prepare(prepared, folder.resolve("again"), false)).isEqualTo(prepared);
  }

  @Test
  void filesThatNeedARowForEveryTokenNameTheOneWithout() {
    try (ModelTokenizer tokenizer = ModelTokenizer.open(model)) {
      assertThatThrownBy(() -> TokenRows.of(tokenizer, 512, model).requireComplete(model))
          .isInstanceOf(CriaException.class)
          .hasMessageStartingWith(
              "the tokenizer of "
                  + model
                  + " has the token '[PAD]' (id 512): the model's embedding");
    }
  }

  @Test
  void othersThanControlTokensBeyondTheRowsMeanAnotherModelsTokenizer() throws IOException {
    addToken(513, "word", false);
    assertThatThrownBy(() -> BaseModel.prepare(model, folder.resolve("base"), false))
        .isInstanceOf(CriaException.class)
        .hasMessage(
            "the tokenizer of "
                + model
                + " has 514 tokens, the model 512: give model and tokenizer of one checkpoint");
  }
}
