package io.cria.llm;

import io.cria.llm.fake.MemoryStore;
import io.cria.llm.fake.Reply;
import io.cria.llm.fake.ScriptedServer;
import io.cria.task.Decoding;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/**
 * A client before a scripted server: waits pass at once, jitter is always a half, the ledger lies
 * in memory.
 */
final class ClientFixture implements AutoCloseable {
  static final Decoding DECODING =
      new Decoding(16, 0.7, 0.5, null, null, null, null, List.of(), Map.of(), null);

  final MemoryStore store;
  final FakeSchedule schedule;
  final ScriptedServer server;
  final List<String> warnings = new CopyOnWriteArrayList<>();

  /** The status that a question for the models is answered with. */
  final AtomicInteger models = new AtomicInteger(200);

  final LedgerWriter ledger;
  final ModelClient client;

  ClientFixture(ScriptedServer.Script script) {
    this(script, stack -> stack);
  }

  ClientFixture(ScriptedServer.Script script, UnaryOperator<ClientStack> settings) {
    this(script, settings, new MemoryStore(), FakeSchedule.jumping());
  }

  ClientFixture(
      ScriptedServer.Script script,
      UnaryOperator<ClientStack> settings,
      MemoryStore store,
      FakeSchedule schedule) {
    this.store = store;
    this.schedule = schedule;
    this.server =
        ScriptedServer.start(
            call -> isModels(call) ? Reply.of(models.get(), "{\"data\":[]}") : script.reply(call));
    this.ledger = new LedgerWriter(part -> store, "w", schedule, "host-1");
    Endpoint endpoint =
        new Endpoint(server.baseUrl(), Dialect.COMPLETIONS, Capabilities.llamaCpp());
    this.client =
        settings
            .apply(
                ClientStack.of(endpoint, ledger)
                    .schedule(schedule)
                    .jitter(() -> 0.5)
                    .warnings(warnings::add))
            .build();
  }

  static LlmRequest request(int row) {
    return LlmRequest.ofPrompt("generate", 0, row, 0, "m", "prompt " + row, DECODING);
  }

  static List<LlmRequest> requests(int count) {
    List<LlmRequest> requests = new ArrayList<>();
    for (int row = 0; row < count; row++) {
      requests.add(request(row));
    }
    return requests;
  }

  private static boolean isModels(ScriptedServer.Call call) {
    return call.method().equals("GET") && call.path().equals("/v1/models");
  }

  /** What the server was asked, questions for its models apart. */
  List<ScriptedServer.Call> calls() {
    return server.calls().stream().filter(call -> !isModels(call)).toList();
  }

  /** Asks so many requests and gives the answers. */
  List<LedgerRecord> ask(int count) {
    List<LedgerRecord> answers = new ArrayList<>();
    client.ask(requests(count).iterator()).forEachRemaining(answers::add);
    return answers;
  }

  /** Asks one request that has an answer. */
  LedgerRecord askOne() {
    return client.ask(requests(1).iterator()).next();
  }

  /** The outcomes in the ledger, in order. */
  List<Outcome> outcomes() {
    return store.records().stream().map(LedgerRecord::outcome).toList();
  }

  @Override
  public void close() throws IOException {
    client.close();
    try {
      if (ledger.failure() == null) {
        ledger.close();
      }
    } finally {
      server.close();
    }
  }
}
