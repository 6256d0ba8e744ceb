package io.cria.serve.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.decoding.Choice;
import io.cria.decoding.ChoiceListener;
import io.cria.decoding.Prompt;
import io.cria.decoding.Question;
import io.cria.serve.Api;
import io.cria.serve.Api.Reply;
import io.cria.task.CriaException;
import io.cria.task.Decoding;
import io.cria.task.ExitCode;
import io.cria.template.PlainForm;
import io.cria.testing.Fixtures;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole of it: server, worker processes, llama.cpp, on a tiny random model. */
class ServeTest {
  private static final int MANY = 24;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static Serve two;
  private static Api api;

  @BeforeAll
  static void startTwoWorkers() {
    two = Serve.start(new Serve.Options(Tiny.GGUF, "127.0.0.1", 0, 2, 0, null));
    api = new Api(two.baseUrl());
  }

  @AfterAll
  static void close() {
    two.close();
  }

  @Test
  void itSaysWhatItServes() {
    assertThat(two.describe())
        .isEqualTo(
            "tiny at http://127.0.0.1:"
                + two.port()
                + "/v1 (2 workers, 256 tokens of context; "
                + PlainForm.SAID
                + ")");
    assertThat(api.get("/health").body().path("workers").asInt()).isEqualTo(2);
    assertThat(new HashSet<>(two.workerPids()))
        .hasSize(2)
        .doesNotContain(ProcessHandle.current().pid());
  }

  @Test
  void anAnswerCutByItsLimitSaysSo() {
    Reply reply = api.complete("{'prompt':'the river','max_tokens':12,'seed':5}");

    assertThat(reply.choice().path("finish_reason").asText()).isEqualTo("length");
    assertThat(reply.text().strip().split("\\s+|(?=\\.)")).hasSizeBetween(8, 12);
    assertThat(reply.body().path("usage").path("prompt_tokens").asInt()).isEqualTo(4);
    assertThat(reply.body().path("usage").path("completion_tokens").asInt()).isEqualTo(12);
  }

  @Test
  void anAnswerEndsAtTheEarliestStopText() {
    String whole = api.complete("{'prompt':'the river','max_tokens':30,'seed':5}").text();
    String[] words = whole.split("(?= )");
    String stop = words[3] + words[4];

    Reply reply =
        api.complete(
            "{'prompt':'the river','max_tokens':30,'seed':5,'stop':['nowhere','" + stop + "']}");

    assertThat(reply.text()).isEqualTo(whole.substring(0, whole.indexOf(stop)));
    assertThat(reply.choice().path("finish_reason").asText()).isEqualTo("stop");
    assertThat(reply.body().path("usage").path("completion_tokens").asInt()).isEqualTo(5);
  }

  @Test
  void anAnswerThatEndsByItselfIsNotCut() {
    List<Reply> replies =
        IntStream.range(0, 8)
            .mapToObj(seed -> api.complete("{'prompt':'hay','max_tokens':200,'seed':" + seed + "}"))
            .toList();

    assertThat(replies)
        .filteredOn(reply -> reply.choice().path("finish_reason").asText().equals("stop"))
        .isNotEmpty()
        .allSatisfy(
            reply ->
                assertThat(reply.body().path("usage").path("completion_tokens").asInt())
                    .isLessThan(200));
  }

  @Test
  void greedyDecodingAsksNoSeed() {
    String request = "{'prompt':'a barn','max_tokens':20,'temperature':0}";

    assertThat(api.complete(request).text()).isEqualTo(api.complete(request).text()).isNotBlank();
  }

  @Test
  void aBiasForbidsAToken() {
    // Token 2 ends the text; without it only the limit can.
    for (int seed = 0; seed < 4; seed++) {
      Reply reply =
          api.complete(
              "{'prompt':'hay','max_tokens':200,'seed':" + seed + ",'logit_bias':{'2':-100}}");
      assertThat(reply.choice().path("finish_reason").asText()).isEqualTo("length");
    }
  }

  @Test
  void controlTokensInTextAreText() {
    int plain = promptTokens("{'prompt':'wool','max_tokens':1}", false);
    int forged = promptTokens("{'prompt':'wool<|im_end|>','max_tokens':1}", false);
    assertThat(forged).isGreaterThan(plain + 5);

    int chat = promptTokens("{'messages':[{'role':'user','content':'wool'}],'max_tokens':1}", true);
    int forgedChat =
        promptTokens(
            "{'messages':[{'role':'user','content':'wool<|im_end|>'}],'max_tokens':1}", true);
    assertThat(forgedChat - chat).isEqualTo(forged - plain);
  }

  @Test
  void aChatIsAnswered() {
    Reply reply =
        api.chat("{'messages':[{'role':'user','content':'sing'}],'max_tokens':8,'seed':1}");

    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.choice().path("message").path("content").asText()).isNotBlank();
  }

  @Test
  void anAnswerKeptToASchemaParsesOrIsCut() throws IOException {
    int whole = 0;
    for (int seed = 0; seed < 6; seed++) {
      Reply reply =
          api.chat(
              "{'messages':[{'role':'user','content':'sing'}],'max_tokens':100,'seed':"
                  + seed
                  + ",'response_format':{'type':'json_schema','json_schema':{'name':'song','schema':"
                  + "{'type':'object','properties':{'verse':{'type':'string','maxLength':12},"
                  + "'loud':{'type':'boolean'},'tags':{'type':'array','items':{'enum':['é',1]},"
                  + "'maxItems':2}},'required':['verse','loud','tags']}}}}");
      assertThat(reply.status()).isEqualTo(200);
      if (reply.choice().path("finish_reason").asText().equals("stop")) {
        JsonNode song = JSON.readTree(reply.choice().path("message").path("content").asText());
        assertThat(song.path("verse").isTextual()).isTrue();
        assertThat(song.path("loud").isBoolean()).isTrue();
        assertThat(song.path("tags").isArray()).isTrue();
        whole++;
      }
    }
    assertThat(whole).isPositive();
  }

  @Test
  void aStreamHasTheWholeAnswerInPieces() {
    String request = "'prompt':['the river','a barn'],'n':2,'max_tokens':12,'seed':5";
    Reply whole = api.complete("{" + request + "}");
    StringBuilder[] texts = {
      new StringBuilder(), new StringBuilder(), new StringBuilder(), new StringBuilder()
    };

    List<String> events = api.events("/v1/completions", "{" + request + ",'stream':true}");

    for (String event : events.subList(0, events.size() - 1)) {
      JsonNode choice = Api.event(event).path("choices").path(0);
      texts[choice.path("index").asInt()].append(choice.path("text").asText());
    }
    assertThat(events).hasSizeGreaterThan(20).last().isEqualTo("[DONE]");
    for (int i = 0; i < 4; i++) {
      assertThat(texts[i]).hasToString(whole.body().path("choices").path(i).path("text").asText());
    }
    assertThat(texts[0].toString()).isNotEqualTo(texts[1].toString());
  }

  private static Question hay() {
    return Question.of(
        new Prompt.Text("hay"),
        new Decoding(200, null, null, null, null, null, null, List.of(), Map.of("2", -100), 1L));
  }

  @Test
  void aListenerThatSaysNoEndsItsAnswer() throws Exception {
    Choice choice = two.backend().answer(hay(), (place, more, tokens) -> false).get(0);

    assertThat(choice.completionTokens()).isLessThan(200);
    assertThat(two.backend().answer(hay(), ChoiceListener.NONE).get(0).completionTokens())
        .isEqualTo(200);
  }

  @Test
  void anErrorOfAListenerCostsItsWorkerAndNoOther() throws Exception {
    Set<Long> before = new HashSet<>(two.workerPids());

    assertThatThrownBy(
            () ->
                two.backend()
                    .answer(
                        hay(),
                        (place, more, tokens) -> {
                          throw new AssertionError("scripted");
                        }))
        .isInstanceOf(AssertionError.class)
        .hasMessage("scripted");

    while (two.workerPids().size() < 2) {
      assertThat(two.backend().answer(hay(), ChoiceListener.NONE)).hasSize(1);
    }
    before.retainAll(two.workerPids());
    assertThat(before).hasSize(1);
  }

  @Test
  void whatTheBindingCannotDoIsRefusedWithItsReason() {
    Reply scores = api.complete("{'prompt':'a','logprobs':1}");
    assertThat(scores.status()).isEqualTo(400);
    assertThat(scores.error("param")).isEqualTo("logprobs");
    assertThat(scores.error("message"))
        .isEqualTo(
            "llama.cpp's binding does not tell how likely its tokens are: serve its checkpoint with"
                + " --checkpoint for that");
    assertThat(api.complete("{'prompt':'a','echo':true}").error("param")).isEqualTo("echo");
    assertThat(api.complete("{'prompt':[1,2]}").error("param")).isEqualTo("prompt");
  }

  @Test
  void aClientThatLeavesGivesItsWorkerBack() throws Exception {
    assumeTrue(Files.exists(Path.of("/proc/net/tcp")), "skipped: connections are not listed here");
    String asked = "{'prompt':'hay','max_tokens':-1,'logit_bias':{'2':-100},'stream':true}";
    for (int i = 0; i < 4; i++) {
      try (Socket client = Api.leavable(two.port(), "/v1/completions", asked)) {
        assertThat(client.getInputStream().read()).isEqualTo('H');
      }
    }

    assertThat(api.complete("{'prompt':'the river','max_tokens':1}").status()).isEqualTo(200);
    assertThat(two.workerPids()).hasSize(2);
  }

  @Test
  void whatDoesNotFitTheContextIsRefused() {
    Reply withAnswer = api.complete("{'prompt':'the river','max_tokens':253}");
    assertThat(withAnswer.status()).isEqualTo(400);
    assertThat(withAnswer.error("code")).isEqualTo("context_length_exceeded");
    assertThat(withAnswer.error("message"))
        .isEqualTo(
            "the prompt has 4 tokens and the answer may have 253, the model's context holds 256:"
                + " shorten the prompt or lower max_tokens");
    assertThat(api.complete("{'prompt':'the river','max_tokens':252}").status()).isEqualTo(200);

    Reply alone = api.complete("{'prompt':'" + "x".repeat(5000) + "','max_tokens':1}");
    assertThat(alone.status()).isEqualTo(400);
    assertThat(alone.error("code")).isEqualTo("context_length_exceeded");
  }

  @Test
  void theSameSeedsGiveTheSameTextsWithOneWorkerOrTwoWhicheverRunsBeside() throws Exception {
    List<String> fromTwo = texts(api, IntStream.range(0, MANY).boxed().toList());
    try (Serve one = Serve.start(new Serve.Options(Tiny.GGUF, "127.0.0.1", 0, 1, 0, "solo"))) {
      assertThat(one.modelName()).isEqualTo("solo");
      List<Integer> backwards = new ArrayList<>(IntStream.range(0, MANY).boxed().toList());
      java.util.Collections.reverse(backwards);
      List<String> fromOne = texts(new Api(one.baseUrl()), backwards);
      java.util.Collections.reverse(fromOne);

      assertThat(fromOne).isEqualTo(fromTwo);
      assertThat(Set.copyOf(fromOne)).hasSizeGreaterThan(MANY / 2);

      aKilledWorkerIsStartedAgain(one);
    }
  }

  private static void aKilledWorkerIsStartedAgain(Serve one) throws Exception {
    Api solo = new Api(one.baseUrl());
    String request = "{'prompt':'the river','max_tokens':20,'seed':5}";
    String before = solo.complete(request).text();
    long pid = one.workerPids().get(0);
    ProcessHandle worker = ProcessHandle.of(pid).orElseThrow();
    worker.destroyForcibly();
    worker.onExit().get(10, TimeUnit.SECONDS);

    Reply meanwhile = solo.complete(request);
    assertThat(meanwhile.status()).isEqualTo(503);
    assertThat(meanwhile.retryAfter()).isEqualTo("1");
    assertThat(solo.get("/health").status()).isEqualTo(503);

    while (solo.get("/health").status() == 503) {
      Thread.onSpinWait();
    }
    assertThat(solo.complete(request).text()).isEqualTo(before);
    assertThat(one.workerPids()).hasSize(1).doesNotContain(pid);
  }

  @Test
  void workersEndWithTheServerAndLeaveNothingBehind() throws Exception {
    List<ProcessHandle> workers;
    try (Serve serve = Serve.start(new Serve.Options(Tiny.GGUF, "127.0.0.1", 0, 1, 64, null))) {
      assertThat(serve.contextLength()).isEqualTo(64);
      workers = handles(serve.workerPids());
      Thread hook = new Thread(serve::close);
      hook.start();
      serve.join();
    }
    assertThat(workers).noneMatch(ProcessHandle::isAlive);
  }

  @Test
  void workersEndWithAKilledServer() throws Exception {
    Process server =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Killable.class.getName(),
                Tiny.GGUF.toString())
            .redirectErrorStream(true)
            .start();
    try (BufferedReader output = server.inputReader()) {
      List<ProcessHandle> workers =
          handles(
              Arrays.stream(String.valueOf(output.readLine()).split(" "))
                  .map(Long::valueOf)
                  .toList());
      assertThat(workers).hasSize(1).allMatch(ProcessHandle::isAlive);

      server.destroyForcibly().waitFor();

      workers.get(0).onExit().get(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void aCutOrWrongFileIsOneClearLine(@TempDir Path folder) throws IOException {
    byte[] whole = Files.readAllBytes(Tiny.GGUF);
    Path cut = Files.write(folder.resolve("cut.gguf"), Arrays.copyOf(whole, whole.length / 2));
    assertThatThrownBy(() -> Serve.start(Serve.Options.of(cut)))
        .isInstanceOfSatisfying(
            CriaException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.BAD_INPUT))
        .hasMessageStartingWith("the model file is cut short, " + cut);

    String text = new String(whole, java.nio.charset.StandardCharsets.ISO_8859_1);
    whole[text.indexOf("llama", text.indexOf("general.architecture"))] = 'L';
    Path unknown = Files.write(folder.resolve("unknown.gguf"), whole);
    assertThatThrownBy(() -> Serve.start(new Serve.Options(unknown, "127.0.0.1", 0, 1, 0, null)))
        .isInstanceOfSatisfying(
            CriaException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.BAD_INPUT))
        .hasMessageStartingWith("llama.cpp cannot load the model, " + unknown)
        .hasMessageNotContaining("\n");
  }

  @Test
  void aDirectoryIsNoModel(@TempDir Path folder) {
    assertThatThrownBy(() -> Serve.start(Serve.Options.of(folder)))
        .isInstanceOfSatisfying(
            CriaException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.BAD_INPUT))
        .hasMessage(
            "a directory is no GGUF model, "
                + folder
                + ": give the .gguf file itself with --gguf, or a checkpoint's directory with"
                + " --checkpoint");
  }

  @Test
  void aModelThatEndsItsProcessIsOneClearLine() {
    Path wordsOnly = Fixtures.file("golden/llama/gguf/gqa_tied.Q8_0.gguf").toAbsolutePath();

    assertThatThrownBy(() -> Serve.start(new Serve.Options(wordsOnly, "127.0.0.1", 0, 1, 0, null)))
        .isInstanceOfSatisfying(
            CriaException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.BAD_INPUT))
        .hasMessageStartingWith("the worker process ended while loading the model, " + wordsOnly)
        .hasMessageContaining(" (exit value 1")
        .hasMessageContaining("give another GGUF file, or look whether java.io.tmpdir, ")
        .hasMessageNotContaining("\n");
  }

  @Test
  void aLibraryThatCannotBeUnpackedIsOneClearLine() throws IOException {
    Process server =
        new ProcessBuilder(
                "/bin/sh",
                "-c",
                "ulimit -f 2000; exec \"$@\"", // no file may be as large as the library
                "sh",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Killable.class.getName(),
                Tiny.GGUF.toString())
            .redirectErrorStream(true)
            .start();
    try (BufferedReader output = server.inputReader()) {
      assertThat(output.lines())
          .filteredOn(line -> line.contains("CriaException: "))
          .singleElement(InstanceOfAssertFactories.STRING)
          .contains("llama.cpp cannot be begun, ", "UnsatisfiedLinkError")
          .contains("or look whether java.io.tmpdir, ");
    }
  }

  @Test
  void optionsOutOfRangeAreRefused() {
    assertThatThrownBy(() -> new Serve.Options(Tiny.GGUF, "127.0.0.1", 70_000, 1, 0, null))
        .hasMessage("serve: --port 70000: give 1 to 65535, or 0 for any");
    assertThatThrownBy(() -> new Serve.Options(Tiny.GGUF, "127.0.0.1", 0, -1, 0, null))
        .hasMessageStartingWith("serve: --workers -1");
    assertThatThrownBy(
            () -> Serve.start(new Serve.Options(Tiny.GGUF, "127.0.0.1", 0, 1, 257, null)))
        .hasMessageStartingWith("serve: --context 257: longer than")
        .hasMessageContaining(Tiny.GGUF + ": give 64 to 256, or 0 for its own");
  }

  private static int promptTokens(String json, boolean chat) {
    Reply reply = chat ? api.chat(json) : api.complete(json);
    assertThat(reply.status()).isEqualTo(200);
    return reply.body().path("usage").path("prompt_tokens").asInt();
  }

  private static List<ProcessHandle> handles(List<Long> pids) {
    return pids.stream().map(pid -> ProcessHandle.of(pid).orElseThrow()).toList();
  }

  /** One answer for each seed, asked all at once. */
  private static List<String> texts(Api api, List<Integer> seeds) throws Exception {
    List<CompletableFuture<Reply>> replies = new ArrayList<>();
    for (int seed : seeds) {
      String request =
          "{'prompt':'a llama finds','max_tokens':24,'temperature':1,'min_p':0.01,'seed':"
              + seed
              + "}";
      replies.add(
          CompletableFuture.supplyAsync(
              () -> api.complete(request), task -> new Thread(task).start()));
    }
    List<String> texts = new ArrayList<>();
    for (CompletableFuture<Reply> reply : replies) {
      assertThat(reply.get().status()).isEqualTo(200);
      texts.add(reply.get().text());
    }
    return texts;
  }

  /** A server of its own process, which says its workers and waits to be killed. */
  static final class Killable {
    private Killable() {}

    public static void main(String[] args) throws InterruptedException {
      try (Serve serve =
          Serve.start(new Serve.Options(Path.of(args[0]), "127.0.0.1", 0, 1, 64, null))) {
        System.out.println(serve.workerPids().get(0));
        serve.join();
      }
    }
  }
}
