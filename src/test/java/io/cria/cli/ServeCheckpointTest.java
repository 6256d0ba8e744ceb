package io.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.serve.Api;
import io.cria.serve.Api.Reply;
import io.cria.serve.ServedModel;
import io.cria.sft.TinyCheckpoint;
import io.cria.sft.TunedModel;
import io.cria.tokenizer.TemplateSource;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServeCheckpointTest {
  private static final String CHAT =
      "{'messages':[{'role':'user','content':'Say it.'}],'max_tokens':5,'temperature':0}";

  @TempDir Path folder;

  @Test
  void aCheckpointGoesOnFromTextAndAnswersAChatInItsLayout() throws IOException {
    TemplateSource layout =
        new TemplateSource(
            "t.yaml",
            """
            withInput: "{instruction}{input}{output}{end}"
            withoutInput: "{instruction}:{output}{end}"
            """);
    TunedModel model =
        TunedModel.open(TinyCheckpoint.create(folder.resolve("m")), null, layout, null);
    try (ServedModel serve = ServeCheckpoint.start(model, "tiny", "127.0.0.1", 0)) {
      Api api = new Api(serve.baseUrl());
      Reply text = api.complete("{'prompt':'Say it.:','max_tokens':5,'temperature':0}");
      Reply chat = api.chat(CHAT);

      assertThat(text.status()).isEqualTo(200);
      assertThat(chat.status()).isEqualTo(200);
      assertThat(chat.body().path("model").asText()).isEqualTo("tiny");
      assertThat(chat.body().path("usage")).isEqualTo(text.body().path("usage"));
      assertThat(chat.choice().path("message").path("content").asText()).isEqualTo(text.text());
      assertThat(serve.describe()).doesNotContain("no layout");
    }
  }

  @Test
  void aModelWithoutAChatFormIsAskedInThePlainOneAndThatIsSaid() throws IOException {
    TunedModel model =
        TunedModel.open(TinyCheckpoint.create(folder.resolve("m")), null, null, null);
    try (ServedModel serve = ServeCheckpoint.start(model, "m", "127.0.0.1", 0)) {
      assertThat(serve.describe())
          .contains("the model brings no chat template: chats take the plain");
      Api api = new Api(serve.baseUrl());
      Reply chat = api.chat(CHAT);
      Reply text =
          api.complete("{'prompt':'User: Say it.\\n\\nAssistant:','max_tokens':5,'temperature':0}");

      assertThat(chat.status()).isEqualTo(200);
      assertThat(chat.body().path("usage")).isEqualTo(text.body().path("usage"));
      assertThat(chat.choice().path("message").path("content").asText()).isEqualTo(text.text());
    }
  }
}
