package io.cria.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.cli.Main;
import io.cria.llm.fake.Reply;
import io.cria.llm.fake.ScriptedServer;
import io.cria.sft.TinyCheckpoint;
import io.cria.testing.ScriptedModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code cria verify} raises no false alarm, however a run came to be what it is. */
class VerifiedLinesTest {
  @TempDir Path folder;

  @Test
  void aRunThatWasCappedClosedAndGoneOnWithIsWholeAllTheTime() throws IOException {
    try (ScriptedServer server = ScriptedServer.start(ScriptedModel.reliable())) {
      LineRun run =
          LineRun.of(folder.resolve("run"), "alpaca", server.baseUrl())
              .with("target", "30")
              .with("rounds.policy", "fixed")
              .with("rounds.size", "6")
              .with("caps.requests", "2");
      assertThatThrownBy(run::go).hasMessageContaining("caps.requests");
      VerifyCall.verify(run.directory()).isWhole();

      assertThat(run.runner().closingRound().runAll(run.inputs())).isTrue();
      VerifyCall.verify(run.directory()).isWhole();

      run.with("caps.requests", "1000").with("target", "20").with("includeSeeds", "true").go();
      VerifyCall.verify(run.directory()).isWhole();
      VerifyCall.verify(run.directory().resolve("dataset")).isWhole();
    }
  }

  @Test
  void aPartWhoseAnswersWereNotCommittedAnyMoreDoesNotCountYet() throws IOException {
    try (ScriptedServer server = ScriptedServer.start(ScriptedModel.reliable())) {
      LineRun run =
          LineRun.of(folder.resolve("run"), "self-instruct", server.baseUrl())
              .with("target", "10")
              .with("rounds.policy", "fixed")
              .with("rounds.size", "1");
      run.runner().runStage(run.inputs(), "generate");
      int last = LineRun.files(run.directory().resolve("_manifests/candidates")).size() - 1;
      Files.delete(
          run.directory()
              .resolve("_manifests/answers/stage=generate/round=" + last + "/part-00000.json"));
      VerifyCall called = VerifyCall.verify(run.directory());
      called.isWhole();
      assertThat(called.out())
          .contains("not settled yet, and left out: candidates/round=" + last + "/part-00000");
    }
  }

  @Test
  void aRunThatWasModeratedAndReviewedIsWhole() throws IOException {
    try (ScriptedServer server = ScriptedServer.start(ScriptedModel.faulty())) {
      LineRun run =
          LineRun.of(folder.resolve("run"), "quickstart", server.baseUrl())
              .with("endpoint.dialect", "completions")
              .with("target", "10")
              .with("rounds.size", "10");
      run.go();
      cria("stage", "moderate", "--run", run.directory());
      review(run.directory());
      VerifyCall called = VerifyCall.verify(run.directory());
      called.isWhole();
      assertThat(called.out()).contains("moderated", "verdicts", "reviews");
      VerifyCall.verify(run.directory().resolve("review/first")).isWhole();
    }
  }

  /** By a judge that finds one fault with everything. */
  private static void review(Path run) throws IOException {
    String verdict = "As asked.\nValid task: yes\nFitting input: yes\nAcceptable output: no";
    try (ScriptedServer judge = ScriptedServer.start(call -> Reply.text(call, verdict))) {
      cria(
          "review",
          run,
          "--name",
          "first",
          "--sample",
          "4",
          "--judge",
          LineRun.home().resolve("conf/judge.yaml").toAbsolutePath(),
          "--base-url",
          judge.baseUrl(),
          "--set",
          "endpoint.keyEnv=none");
    }
  }

  private static void cria(Object... words) {
    StringWriter err = new StringWriter();
    String[] all = new String[words.length];
    for (int i = 0; i < all.length; i++) {
      all[i] = String.valueOf(words[i]);
    }
    int code = Main.run(new PrintWriter(new StringWriter()), new PrintWriter(err), all);
    assertThat(code).as(err.toString()).isZero();
  }

  @Test
  void aTrainingIsHeldAgainstItsShardsAndItsBase() throws IOException {
    Path base = TinyCheckpoint.create(folder.resolve("model"));
    Path conf = folder.resolve("sft.yaml");
    TinyCheckpoint.runFile(conf, folder.resolve("template.yaml"));
    Path run = folder.resolve("run");
    try (ScriptedServer server = ScriptedServer.start(ScriptedModel.reliable())) {
      LineRun.of(run, "alpaca", server.baseUrl()).with("target", "20").go();
    }
    cria("stage", "shards", "--run", run, "--sft-conf", conf, "--base", base);
    List<String> cluster =
        List.of(
            "cluster.heap=256m",
            "cluster.memory=600m",
            "cluster.classPath=" + System.getProperty("java.class.path"));
    cria(
        "train",
        run,
        "--name",
        "first",
        "--sft-conf",
        conf,
        "--base",
        base,
        "--ranks",
        "1",
        "--set",
        cluster.get(0),
        "--set",
        cluster.get(1),
        "--set",
        cluster.get(2));
    VerifyCall called = VerifyCall.verify(run);
    called.isWhole();
    assertThat(called.out()).contains("trainings");
    Path model = run.resolve("training/first/model");
    VerifyCall.verify(model).isWhole();
    VerifyCall.verify(run.resolve("shards")).isWhole();

    // a dataset is exported anew at any time: what was made from the old one is no damage
    cria("export", run, "--format", "alpaca");
    VerifyCall exported = VerifyCall.verify(run);
    exported.isWhole();
    assertThat(exported.out()).contains("shards was made from an earlier dataset than lies here");
    thoseOfAnotherBaseAndOtherShards(run, model, base);
  }

  private static void thoseOfAnotherBaseAndOtherShards(Path run, Path model, Path base)
      throws IOException {
    byte[] others = Files.readAllBytes(base.resolve("model.safetensors"));
    Files.write(model.resolve("model.safetensors"), others);
    others[others.length - 2] ^= 64;
    Files.write(base.resolve("model.safetensors"), others);
    Path card = model.resolve("cria.json");
    Files.writeString(
        card, Files.readString(card).replaceFirst("\"steps\" : \\d+", "\"steps\" : 1000"));
    Path record = run.resolve("training/first/training.json");
    Files.writeString(
        record,
        Files.readString(record)
            .replaceFirst("\"shards\" : \"[0-9a-f]{8}", "\"shards\" : \"00000000"));

    VerifyCall alone = VerifyCall.verify(model);
    alone.finds("model.safetensors: its bytes are not those that the card tells");
    alone.finds("cria.json: it was tuned from another base than lies at " + base);
    alone.finds("cria.json: was edited");
    VerifyCall called = VerifyCall.verify(run);
    called.finds("training/first/model/model.safetensors: its bytes are not those");
    called.finds(
        "training/first/model/cria.json: it was tuned from another base than lies at " + base);
    called.finds(
        "training/first/model/cria.json: what lies at "
            + base
            + " is another base model than it was tuned from");
    called.finds("training/first/training.json: it was trained on shards that are not in this run");
    called.finds(
        "training/first/_manifests/result.json: is of another training than training.json tells");
  }
}
