package io.cria.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.cli.Main;
import io.cria.llm.fake.Reply;
import io.cria.llm.fake.ScriptedServer;
import io.cria.storage.RunDirectory;
import io.cria.storage.RunLock;
import io.cria.testing.FaultCase;
import io.cria.testing.LocalSpark;
import io.cria.testing.ScriptedModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user can do wrong, or find broken: one clear line each, and its exit code. */
class BadInputTest {
  private static final String CANARY = "sk-canary-4f6d2c90b1a84e77";

  @TempDir static Path shared;

  private static ScriptedServer server = ScriptedServer.start(ScriptedModel.reliable());
  private static Path goodRun = Path.of("");

  @TempDir Path folder;

  /** A command's exit code and all it said. */
  private record Said(int code, String out, String err) {
    String line() {
      List<String> lines = err.lines().filter(line -> line.startsWith("cria: ")).toList();
      return lines.get(lines.size() - 1);
    }
  }

  private static Said cria(Object... args) {
    LocalSpark.session();
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    String[] words = Stream.of(args).map(String::valueOf).toArray(String[]::new);
    int code = Main.run(new PrintWriter(out), new PrintWriter(err), words);
    return new Said(code, out.toString(), err.toString());
  }

  /** A small run of the quickstart recipe. */
  private static Said run(Path conf, Path directory, String baseUrl, String... more) {
    List<Object> args =
        new ArrayList<>(List.of("run", conf, "--run", directory, "--base-url", baseUrl));
    args.addAll(List.of("--dialect", "completions", "--target", "2", "--yes", "--no-report"));
    args.addAll(List.of("--set", "rounds.size=4", "--set", "limits.inFlight=2"));
    args.addAll(List.of(more));
    return cria(args.toArray());
  }

  private static Said run(Path directory, String... more) {
    return run(conf(), directory, server.baseUrl(), more);
  }

  private static Path conf() {
    return LineRun.home().resolve("conf/quickstart.yaml").toAbsolutePath();
  }

  @BeforeAll
  static void oneGoodRun() throws IOException {
    goodRun = shared.resolve("good");
    Path key = Files.writeString(shared.resolve("key"), CANARY + "\n");
    Said said = run(goodRun, "--set", "endpoint.keyFile=" + key);
    assertThat(said.code()).as(said.err()).isZero();
    assertThat(said.out() + said.err()).doesNotContain(CANARY);
  }

  @AfterAll
  static void stop() throws IOException {
    server.close();
  }

  private static void remove(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  private Path copyOfGoodRun() throws IOException {
    Path copy = folder.resolve("run");
    for (Path file : LineRun.files(goodRun)) {
      Path target = copy.resolve(goodRun.relativize(file).toString());
      Files.createDirectories(target.getParent());
      Files.copy(file, target);
    }
    return copy;
  }

  @Test
  @FaultCase(29)
  void theKeyIsSentAndStandsInNoFileOfTheRun() throws IOException {
    assertThat(server.calls())
        .anyMatch(call -> ("Bearer " + CANARY).equals(call.headers().get("authorization")));
    for (Path file : LineRun.files(goodRun)) {
      assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
          .as("%s", file)
          .doesNotContain(CANARY);
    }
  }

  @Test
  void anUnknownKeyNamesFileLineAndTheNearestKnownOne() throws IOException {
    Path conf = edited("rounds: {policy: growing, size:", "rounds: {policy: growing, sise:");
    Said said = run(conf, folder.resolve("run"), server.baseUrl());
    assertThat(said.code()).isEqualTo(2);
    assertThat(said.line()).contains("unknown key 'rounds.sise'", "did you mean 'size'?");
    Said dry = cria("dry-run", conf);
    assertThat(dry.code()).isEqualTo(2);
    assertThat(dry.line())
        .contains("quickstart.yaml:" + lineOf("rounds:"), "unknown key 'rounds.sise'");
    assertThat(folder.resolve("run")).doesNotExist();
  }

  @Test
  void aValueOfTheWrongTypeNamesItsKey() throws IOException {
    Path conf = edited("target: ", "target: many ");
    Said said = cria("dry-run", conf);
    assertThat(said.code()).isEqualTo(2);
    assertThat(said.line()).contains("quickstart.yaml:" + lineOf("target:"), "target", "many");
    Said set = run(folder.resolve("run"), "--set", "limits.attempts=few");
    assertThat(set.code()).isEqualTo(2);
    assertThat(set.line()).contains("limits.attempts");
  }

  @Test
  void aBadOptionIsToldUnderTheNameItWasGivenBy() {
    assertThat(cria("dry-run", conf(), "--target", "0").line())
        .isEqualTo("cria: --target: target must be at least 1, not 0");
    assertThat(cria("dry-run", conf(), "--dialect", "[telepathy").line())
        .startsWith("cria: --dialect: dialect must be one of [chat, completions")
        .endsWith("not '[telepathy'");
    assertThat(cria("dry-run", conf(), "--base-url", "example").line())
        .startsWith("cria: --base-url: baseUrl is not a plain http(s) address");
    Said set = cria("dry-run", conf(), "--target", "5", "--set", "rounds.seed=[1");
    assertThat(set.code()).isEqualTo(2);
    assertThat(set.line())
        .isEqualTo(
            "cria: --set rounds.seed: the value is not YAML: put it in quotes, as in --set"
                + " 'rounds.seed=\"…\"'");
  }

  /** The line of the quickstart run file that begins so, from 1. */
  private static int lineOf(String start) throws IOException {
    List<String> lines = Files.readAllLines(conf());
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).startsWith(start)) {
        return i + 1;
      }
    }
    throw new AssertionError(start);
  }

  /** The quickstart run file beside its seeds and prompts, with one change. */
  private Path edited(String from, String to) throws IOException {
    String text = Files.readString(conf());
    assertThat(text).contains(from);
    String changed =
        text.replace(from, to)
            .replace("seeds: seeds/", "seeds: " + conf().resolveSibling("seeds") + "/")
            .replace("prompts: prompts/", "prompts: " + conf().resolveSibling("prompts") + "/");
    return Files.writeString(folder.resolve("quickstart.yaml"), changed);
  }

  @Test
  void aBrokenSeedLineIsNamed() throws IOException {
    Path seeds = folder.resolve("seeds.jsonl");
    List<String> lines =
        new ArrayList<>(Files.readAllLines(conf().resolveSibling("seeds/quickstart_tasks.jsonl")));
    lines.set(2, lines.get(2).substring(0, 40));
    Files.write(seeds, lines);
    Said said = run(folder.resolve("run"), "--seeds", seeds.toString());
    assertThat(said.code()).isEqualTo(2);
    assertThat(said.line()).contains(seeds + ":3");
  }

  @Test
  void anEndpointWhereNothingListensIsNamed() throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    String url = "http://127.0.0.1:" + port + "/v1";
    Said said = run(conf(), folder.resolve("run"), url);
    assertThat(said.code()).as(said.err()).isEqualTo(5);
    assertThat(said.line()).contains("127.0.0.1:" + port, "start the server");
    assertThat(LineRun.of(folder.resolve("run"), "quickstart", url).status().exitCode())
        .isEqualTo(5);
  }

  @Test
  void aRefusedKeyNamesWhereItStandsAndIsNotShown() throws IOException {
    Path key = Files.writeString(folder.resolve("key"), CANARY);
    Reply refusal =
        Reply.error(
            401, "invalid_request_error", "invalid_api_key", "Incorrect key: " + CANARY + ".");
    try (ScriptedServer strict = ScriptedServer.start(call -> refusal)) {
      Said said =
          run(conf(), folder.resolve("run"), strict.baseUrl(), "--set", "endpoint.keyFile=" + key);
      assertThat(said.code()).as(said.err()).isEqualTo(5);
      assertThat(said.line()).contains("401", key.toString());
      assertThat(said.out() + said.err()).doesNotContain(CANARY);
      assertThat(strict.calls()).as("no request after the refusal's").hasSizeLessThan(5);
      Said other = run(folder.resolve("run"), "--model", "other");
      assertThat(other.code()).as(other.err()).isEqualTo(6);
      assertThat(other.line())
          .contains("this directory holds another run (model is other in this command, ")
          .endsWith("); nothing is answered there yet: remove it, or take another --run directory");
    }
    for (Path file : LineRun.files(folder.resolve("run"))) {
      assertThat(Files.readString(file, StandardCharsets.ISO_8859_1)).doesNotContain(CANARY);
    }
  }

  @Test
  void aModelThatTheServerDoesNotKnowIsNamed() throws IOException {
    Reply unknown =
        Reply.error(404, "invalid_request_error", "model_not_found", "no model called nomad-7b");
    try (ScriptedServer strict = ScriptedServer.start(call -> unknown)) {
      Said said = run(conf(), folder.resolve("run"), strict.baseUrl(), "--model", "nomad-7b");
      assertThat(said.code()).as(said.err()).isEqualTo(5);
      assertThat(said.line()).contains("nomad-7b", "correct model");
    }
  }

  @Test
  void aPlaceThatCannotBeWrittenIsNamed() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "in the way");
    Said said = run(file.resolve("run"));
    assertThat(said.code()).as(said.err()).isEqualTo(2);
    assertThat(said.line()).contains(file.resolve("run").toString(), "cannot be written");

    Said itself = run(file);
    assertThat(itself.code()).as(itself.err()).isEqualTo(2);
    assertThat(itself.line())
        .contains(file + ": this is a file, and a run is a directory: give --run a new directory");
    assertThat(file).hasContent("in the way");
  }

  @Test
  void aStageBeforeItsTurnIsRefused() {
    Said said =
        cria(
            "stage",
            "instances",
            "--run",
            folder.resolve("run"),
            "--conf",
            conf(),
            "--base-url",
            server.baseUrl());
    assertThat(said.code()).as(said.err()).isEqualTo(2);
    assertThat(said.line()).contains("candidates: this table is not made yet");
  }

  @Test
  void ofAQuiteOtherRunTheRecipeAndSomeDifferencesAreNamed() throws IOException {
    Path copy = copyOfGoodRun();
    Path other = LineRun.home().resolve("conf/alpaca.yaml").toAbsolutePath();
    Said said = run(other, copy, server.baseUrl());
    assertThat(said.code()).isEqualTo(6);
    assertThat(said.line())
        .contains("; recipe is alpaca in this command, quickstart in the directory; ")
        .containsPattern("; and \\d+ more\\)");
    assertThat(said.line().split(" in the directory", -1)).as(said.line()).hasSizeLessThan(6);
  }

  @Test
  void aRunOfAnotherIdentityIsRefusedWithTheDifference() throws IOException {
    Path copy = copyOfGoodRun();
    Said said = run(copy, "--set", "rounds.seed=7", "--set", "similarity.threshold=0.8");
    assertThat(said.code()).isEqualTo(6);
    assertThat(said.line())
        .contains(
            "rounds.seed is 7 in this command, 42 in the directory",
            "similarity.threshold is 0.8 in this command, 0.7 in the directory")
        .endsWith("): take another --run directory, or the configuration it was made with");
    assertThat(lockHolder(copy)).isEmpty();
  }

  @Test
  void aHalfWrittenTableIsRefused() throws IOException {
    Path copy = copyOfGoodRun();
    Path part = copy.resolve("candidates/round=0/part-00000.parquet");
    byte[] bytes = Files.readAllBytes(part);
    Files.write(part, java.util.Arrays.copyOf(bytes, bytes.length / 2));
    Said said = run(copy);
    assertThat(said.code()).as(said.err()).isEqualTo(6);
    assertThat(said.line()).contains("candidates/round=0", "not written whole", "part-00000");

    Files.write(part, bytes);
    assertThat(run(copy).code()).as("as it was").isZero();
  }

  @Test
  void aTableWhoseManifestIsGoneIsMadeAgainFromTheLedger() throws IOException {
    Path copy = copyOfGoodRun();
    LineRun before = LineRun.of(goodRun, "quickstart", server.baseUrl());
    Files.delete(copy.resolve("_manifests/candidates/round=0/part-00000.json"));
    int calls = server.calls().size();
    assertThat(run(copy).code()).isZero();
    assertThat(server.calls()).hasSize(calls);
    assertThat(LineRun.hashes(copy.resolve("dataset"))).isEqualTo(before.dataset());
  }

  @Test
  void statusNamesWhatIsDamaged() throws IOException {
    Path copy = copyOfGoodRun();
    assertThat(cria("status", copy).code()).isZero();
    Path manifest = copy.resolve("_manifests/instances/round=0/part-00000.json");
    String whole = Files.readString(manifest);

    Files.writeString(manifest, whole.substring(0, whole.length() / 2));
    Said said = cria("status", copy);
    assertThat(said.code()).isEqualTo(6);
    assertThat(said.line())
        .contains("instances/round=0", "not written whole", "part-00000.json is damaged")
        .contains("remove the directory and run again");
    assertThat(said.err().lines()).hasSize(1);
    assertThat(said.out()).contains("\ndamage ", "\nspent ").doesNotContain("damaged 1");

    Files.writeString(manifest, whole);
    Path part = copy.resolve("requests/stage=generate/round=0/part-00000.parquet");
    Files.write(part, new byte[10]);
    remove(copy.resolve("examples/round=0/part-00000.parquet"));
    Said two = cria("status", copy);
    assertThat(two.code()).isEqualTo(6);
    assertThat(two.line()).contains("requests/stage=generate/round=0", "has 10 bytes, not ");
    assertThat(two.out().lines().filter(line -> line.startsWith("damage ")))
        .hasSize(2)
        .anyMatch(line -> line.contains("examples/round=0") && line.contains("is missing"));

    Files.writeString(copy.resolve("status.json"), "{");
    assertThat(cria("status", copy).line()).contains("status.json: damaged", "remove it");
  }

  @Test
  void aRemovedLedgerIsNoticedAndNothingIsBoughtAgain() throws IOException {
    Path copy = copyOfGoodRun();
    Path round = copy.resolve("ledger/stage=instances/round=0000");
    remove(round);
    int calls = server.calls().size();
    for (Said said : List.of(run(copy), run(copy), cria("status", copy))) {
      assertThat(said.code()).as(said.err()).isEqualTo(6);
      assertThat(said.line())
          .contains(
              round + ": answers that a table was made from are gone", "bring the folder back");
    }
    remove(copy.resolve("ledger"));
    assertThat(run(copy).code()).isEqualTo(6);
    remove(copy.resolve("candidates"));
    remove(copy.resolve("instances"));
    remove(copy.resolve("answers"));
    Said half = run(copy);
    assertThat(half.code()).as("no table tells of the answers").isEqualTo(6);
    assertThat(half.line())
        .contains(copy.resolve("ledger") + ": ", "that status.json saw are gone");
    assertThat(server.calls()).hasSize(calls);
  }

  @Test
  void oneSegmentOfAHalfFinishedRunIsMissedToo() throws IOException {
    Path directory = folder.resolve("run");
    Said capped = run(directory, "--set", "caps.requests=2");
    assertThat(capped.code()).as(capped.err()).isEqualTo(4);
    Files.delete(LineRun.files(directory.resolve("ledger")).get(0));
    int calls = server.calls().size();
    for (Said said : List.of(run(directory), run(directory), cria("status", directory))) {
      assertThat(said.code()).as(said.err()).isEqualTo(6);
      assertThat(said.line()).contains("of the 2 records that status.json saw are gone");
    }
    assertThat(server.calls()).hasSize(calls);
  }

  @Test
  void aRemovedTableIsMadeAgainFromTheLedger() throws IOException {
    Path copy = copyOfGoodRun();
    LineRun before = LineRun.of(goodRun, "quickstart", server.baseUrl());
    remove(copy.resolve("candidates"));
    int calls = server.calls().size();
    assertThat(run(copy).code()).isZero();
    assertThat(server.calls()).hasSize(calls);
    assertThat(LineRun.hashes(copy.resolve("dataset"))).isEqualTo(before.dataset());
  }

  @Test
  void aStageThatTheRecipeDoesWithoutIsToldAsSuch() throws IOException {
    Path copy = copyOfGoodRun();
    Said said = cria("stage", "classify", "--run", copy);
    assertThat(said.code()).isZero();
    assertThat(said.out())
        .startsWith("Nothing to do: the recipe quickstart has no stage classify: ");
    assertThat(cria("stage", "classes", "--run", copy).code()).isEqualTo(2);
  }

  private static Optional<RunLock.Holder> lockHolder(Path directory) {
    return RunLock.holder(RunDirectory.at(directory.toString(), new Configuration()));
  }

  @Test
  void aSecondDriverOnOneRunIsRefused() throws IOException {
    Path copy = copyOfGoodRun();
    RunDirectory directory = RunDirectory.at(copy.toString(), new Configuration());
    try (RunLock held = RunLock.acquire(directory, Clock.systemUTC())) {
      Said said = run(copy);
      assertThat(said.code()).isEqualTo(6);
      assertThat(said.line())
          .contains("another driver holds this run", "process " + ProcessHandle.current().pid());
      held.requireHeld();
    }
    assertThat(run(copy).code()).isZero();
  }

  @Test
  void theLockOfADeadDriverIsTakenOver() throws Exception {
    Path copy = copyOfGoodRun();
    RunDirectory directory = RunDirectory.at(copy.toString(), new Configuration());
    Path file;
    String lock;
    try (RunLock held = RunLock.acquire(directory, Clock.systemUTC())) {
      held.requireHeld();
      file = copy.resolve("_lock").resolve(Long.toString(held.epoch()));
      lock = Files.readString(file);
    }
    Process ended = new ProcessBuilder("true").start();
    long dead = ended.pid();
    assertThat(ended.waitFor()).isZero();
    Files.writeString(
        file, lock.replace("\"pid\" : " + ProcessHandle.current().pid(), "\"pid\" : " + dead));
    assertThat(lockHolder(copy))
        .hasValueSatisfying(
            holder -> {
              assertThat(holder.pid()).isEqualTo(dead);
              assertThat(holder.isAlive()).isFalse();
            });
    Said said = run(copy);
    assertThat(said.code()).as(said.err()).isZero();
    assertThat(lockHolder(copy)).isEmpty();
  }

  @Test
  @FaultCase(21)
  void aDamagedLedgerLineIsToldAndItsAnswerBoughtAgain() throws IOException {
    Path copy = copyOfGoodRun();
    Path segment = LineRun.files(copy.resolve("ledger/stage=generate")).get(0);
    List<String> lines = new ArrayList<>(Files.readAllLines(segment));
    lines.set(0, lines.get(0).replace("\"outcome\":\"ok\"", "\"outcome\":\"OK\""));
    Files.write(segment, lines);
    remove(copy.resolve("candidates"));
    int calls = server.calls().size();
    Said pinned = run(copy);
    assertThat(pinned.code()).as("the run counts on that answer").isEqualTo(6);
    assertThat(pinned.line())
        .contains(segment.getFileName() + ": the answer ", "cannot be read any more (checksum ")
        .endsWith("bring the file back from a copy");
    assertThat(server.calls()).hasSize(calls);

    remove(copy.resolve("answers"));
    Said said = run(copy);
    assertThat(said.code()).as(said.err()).isZero();
    assertThat(said.err()).contains("ledger: ", segment.getFileName() + ":1");
    assertThat(server.calls()).hasSize(calls + 1);
    LineRun run = LineRun.of(copy, "quickstart", server.baseUrl());
    assertThat(run.status().spend().damage()).singleElement().asString().contains(":1: checksum");
    assertThat(LineRun.hashes(copy.resolve("dataset")).get("alpaca.jsonl"))
        .isEqualTo(LineRun.hashes(goodRun.resolve("dataset")).get("alpaca.jsonl"));
  }

  @Test
  void answersThatAreGoneAreMadeAnewFromTheLedger() throws IOException {
    Path copy = copyOfGoodRun();
    remove(copy.resolve("answers"));
    int calls = server.calls().size();
    Said said = run(copy);
    assertThat(said.code()).as(said.err()).isZero();
    assertThat(said.err()).contains("answers/stage=generate/round=0", "made anew from the ledger");
    assertThat(server.calls()).hasSize(calls);
    assertThat(LineRun.hashes(copy.resolve("answers")))
        .isNotEmpty()
        .isEqualTo(LineRun.hashes(goodRun.resolve("answers")));

    remove(copy.resolve("answers"));
    Path segment = LineRun.files(copy.resolve("ledger/stage=generate")).get(0);
    List<String> lines = Files.readAllLines(segment);
    Files.write(segment, lines.subList(1, lines.size()));
    Said half = run(copy);
    assertThat(half.code()).as(half.err()).isEqualTo(6);
    assertThat(server.calls()).hasSize(calls);
  }
}
