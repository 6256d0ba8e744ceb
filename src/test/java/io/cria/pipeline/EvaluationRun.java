package io.cria.pipeline;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.llm.fake.Reply;
import io.cria.llm.fake.ScriptedServer;
import io.cria.llm.fake.ScriptedServer.Call;
import io.cria.run.RunProgress;
import io.cria.sft.model.ModelFingerprint;
import io.cria.storage.Location;
import io.cria.storage.RunDirectory;
import io.cria.testing.LocalSpark;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;

/**
 * An evaluation whose figures have right values: two models behind HTTP whose answers are known,
 * and a judge that prefers by a known rule. Of 60 tasks the strong one has gold in 45, the plain
 * one in 15; the strong one's answers are longer by a word.
 */
final class EvaluationRun implements AutoCloseable {
  static final int TASKS = 60;

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern NUMBER = Pattern.compile("number (\\d+)");
  private static final Pattern SHOWN =
      Pattern.compile(
          "----- (left|right|answer) \\w+ -----\n(.*?)\n?----- end of ", Pattern.DOTALL);

  private final Path folder;
  private final ScriptedServer strong;
  private final ScriptedServer plain;
  private final ScriptedServer judge;
  private final Map<String, String> overrides = new LinkedHashMap<>();
  private volatile Function<Call, String> rule = EvaluationRun::byGold;
  private volatile Function<Call, Reply> plainly = call -> Reply.text(call, answer(call, false));

  private EvaluationRun(Path folder) {
    this.folder = folder;
    this.strong = ScriptedServer.start(call -> Reply.text(call, answer(call, true)));
    this.plain = ScriptedServer.start(call -> plainly.apply(call));
    this.judge = ScriptedServer.start(call -> Reply.text(call, rule.apply(call)));
  }

  /** One that is not started yet, in a folder of its own. */
  static EvaluationRun in(Path folder) throws IOException {
    EvaluationRun run = new EvaluationRun(folder);
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < TASKS; i++) {
      lines.add(
          JSON.createObjectNode()
              .put("id", "own_" + i)
              .put("instruction", "Say something of number " + i + ".")
              .put("reference", "gold " + i)
              .toString());
    }
    Files.createDirectories(folder);
    Files.write(folder.resolve("own.jsonl"), lines);
    run.answeredBy("");
    return run;
  }

  /** Writes the run file, with more answerers, a line each. */
  EvaluationRun answeredBy(String more) throws IOException {
    Files.writeString(
        folder.resolve("evaluate.yaml"),
        """
        set: own.jsonl
        answerers:
          strong: {endpoint: {baseUrl: "%s", keyEnv: none}, model: cordelia-7b}
          plain: {endpoint: {baseUrl: "%s", keyEnv: none}, model: oswald-1b}
        %sgeneration: {maxTokens: 32}
        judge: {model: kent, endpoint: {baseUrl: "%s", keyEnv: none}}
        """
            .formatted(strong.baseUrl(), plain.baseUrl(), more, judge.baseUrl()));
    return this;
  }

  /** The same as it stands, in another folder, before other servers: none of them was asked yet. */
  EvaluationRun copiedTo(Path other) throws IOException {
    EvaluationRun copy = in(other);
    try (Stream<Path> files = Files.walk(directory())) {
      for (Path file : files.sorted().toList()) {
        Files.copy(file, copy.directory().resolve(directory().relativize(file).toString()));
      }
    }
    return copy;
  }

  EvaluationRun with(String key, String yaml) {
    overrides.put(key, yaml);
    return this;
  }

  /** As the run file has it. */
  EvaluationRun asWritten() {
    overrides.clear();
    return this;
  }

  /** Has another judge prefer by another rule. */
  EvaluationRun judgedBy(String model, Function<Call, String> other) {
    rule = other;
    return with("judge.model", model);
  }

  EvaluationRun judgedBy(Function<Call, String> other) {
    rule = other;
    return this;
  }

  /** What the plain one does in place of its answer. */
  EvaluationRun plainly(Function<Call, Reply> other) {
    plainly = other;
    return this;
  }

  /** Gold is with the strong one but for every fourth task. */
  static String answer(Call call, boolean isStrong) {
    int number = number(call);
    boolean gold = isStrong == (number % 4 != 0);
    return (gold ? "gold " : "lead ") + number + (isStrong ? " indeed" : "");
  }

  /** The number in the task. */
  static int number(Call call) {
    Matcher matcher = NUMBER.matcher(call.promptText());
    if (!matcher.find()) {
      throw new IllegalArgumentException("no task of ours: " + call.promptText());
    }
    return Integer.parseInt(matcher.group(1));
  }

  /** The text that a judge is shown under this name. */
  static String shown(Call call, String name) {
    Matcher matcher = SHOWN.matcher(call.promptText());
    while (matcher.find()) {
      if (matcher.group(1).equals(name)) {
        return matcher.group(2);
      }
    }
    throw new IllegalArgumentException("no " + name + ": " + call.promptText());
  }

  static boolean isGold(Call call, String name) {
    return shown(call, name).startsWith("gold");
  }

  static String byGold(Call call) {
    return "It shines.\nBetter: " + (isGold(call, "left") ? "left" : "right");
  }

  static String byLength(Call call) {
    boolean left = shown(call, "left").length() > shown(call, "right").length();
    return "It is longer.\nBetter: " + (left ? "left" : "right");
  }

  EvaluationInputs inputs() {
    Configuration hadoop = new Configuration();
    Location file = Location.of(folder.resolve("evaluate.yaml").toString(), hadoop);
    return new EvaluationInputs.Reader(
            file, hadoop, ModelFingerprint::of, dir -> Optional.empty(), judge.baseUrl())
        .read(
            file.text("written above"),
            overrides,
            Location.of(LineRun.home().resolve("conf/prices.yaml").toString(), hadoop));
  }

  Path directory() {
    return folder.resolve("run");
  }

  RunDirectory run() {
    return RunDirectory.at(directory().toString(), new Configuration());
  }

  /** All of it. Returns whether there was anything to do. */
  boolean go(Path... verdicts) {
    return go(List.of(), verdicts);
  }

  /**
   * Likewise.
   *
   * @param without raters who withdraw
   */
  boolean go(List<String> without, Path... verdicts) {
    Configuration hadoop = new Configuration();
    Evaluation evaluation =
        new Evaluation(
            inputs(),
            Stream.of(verdicts).map(f -> Location.of(f.toString(), hadoop)).toList(),
            without);
    return new BesideRunner(LocalSpark.session(), run(), RunProgress.silent(), Clock.systemUTC())
        .run(evaluation.work(), evaluation.stages());
  }

  String text(String file) {
    try {
      return Files.readString(directory().resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  JsonNode report() throws IOException {
    return JSON.readTree(text("report.json"));
  }

  /** What the first rater said of the first two. */
  JsonNode pairs() throws IOException {
    return report().path("pairs").path("results").path(0);
  }

  /** Requests to both answerers. */
  int asked() {
    return strong.calls().size() + plain.calls().size();
  }

  List<Call> judged() {
    return judge.calls();
  }

  /** The names, models and addresses of those who answer. */
  List<String> telling() {
    return List.of("strong", "plain", "cordelia", "oswald", strong.baseUrl(), plain.baseUrl());
  }

  /** A person's file of verdicts on all pairs. */
  Path verdicts(String rater, Predicate<String> better) throws IOException {
    List<String> lines = new ArrayList<>();
    for (String line : text("pairs/pairs.jsonl").lines().toList()) {
      JsonNode pair = JSON.readTree(line);
      lines.add(
          JSON.createObjectNode()
              .put("rater", rater)
              .put("subject", pair.path("pair_id").asText())
              .put("question", "better")
              .put("verdict", better.test(pair.path("left").asText()) ? "left" : "right")
              .toString());
    }
    return Files.write(folder.resolve(rater + ".jsonl"), lines);
  }

  @Override
  public void close() throws IOException {
    strong.close();
    plain.close();
    judge.close();
  }
}
