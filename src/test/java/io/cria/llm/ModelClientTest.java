package io.cria.llm;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.llm.fake.MemoryStore;
import io.cria.llm.fake.Reply;
import io.cria.llm.fake.ScriptedServer;
import io.cria.task.Decoding;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ModelClientTest {
  private static final Decoding DECODING =
      new Decoding(16, 0.7, 0.5, null, null, null, null, List.of(), Map.of(), null);

  @Test
  void everyRequestIsAskedOnceAndKeptInTheLedger() throws IOException {
    MemoryStore store = new MemoryStore();
    List<LedgerRecord> answers = new ArrayList<>();
    List<LlmRequest> requests = new ArrayList<>();
    for (int row = 0; row < 200; row++) {
      requests.add(LlmRequest.ofPrompt("generate", 0, row, 0, "m", "prompt " + row, DECODING));
    }
    try (ScriptedServer server =
            ScriptedServer.start(call -> Reply.text(call, "to " + call.promptText()));
        LedgerWriter ledger = new LedgerWriter(store, "w");
        ModelClient client =
            ClientStack.of(
                    new Endpoint(server.baseUrl(), Dialect.COMPLETIONS, Capabilities.llamaCpp()),
                    ledger)
                .build()) {
      client.ask(requests.iterator()).forEachRemaining(answers::add);
      assertThat(server.callsByBody()).hasSize(200).containsValue(1);
    }
    assertThat(answers).hasSize(200).allMatch(r -> r.outcome() == Outcome.OK && r.attempt() == 1);
    assertThat(store.records()).containsExactlyInAnyOrderElementsOf(answers);
    for (LedgerRecord answer : answers) {
      assertThat(answer.text()).isEqualTo("to prompt " + answer.row());
    }
  }
}
