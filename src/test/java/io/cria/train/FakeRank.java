package io.cria.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cria.sft.train.SftConfig;
import io.cria.task.Ids;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A rank's process without an engine: speaks the protocol, learns a chain of hashes, one a step, so
 * that its result tells whether each step was done once and in order. What it does wrong stands in
 * its environment, as {@code WHAT@STEP:RANK:FILE}: it does so where FILE is not there, and makes
 * it.
 */
public final class FakeRank {
  static final String FAULT = "FAKE_FAULT";
  static final String STEPS = "FAKE_STEPS";
  static final String STEP_MILLIS = "FAKE_STEP_MILLIS";

  /** Steps of a start after which its time is over. */
  static final String TIME = "FAKE_TIME";

  /** A line for every process, into this file. */
  static final String STARTS = "FAKE_STARTS";

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int EVERY = 5;
  private static final int SILENT_MILLIS = 2_000;

  private final PrintStream events = System.out;
  private final BlockingQueue<JsonNode> commands = new LinkedBlockingQueue<>();
  private final JsonNode job;
  private final int rank;
  private final int size;
  private final Path output;
  private final List<Socket> others = new ArrayList<>();
  private final List<BufferedReader> heard = new ArrayList<>();
  private volatile boolean stop;

  private FakeRank(JsonNode job) {
    this.job = job;
    this.rank = job.path("rank").asInt();
    this.size = job.path("size").asInt();
    this.output = Path.of(job.path("output").asText());
  }

  public static void main(String[] arguments) throws Exception {
    FakeRank fake = new FakeRank(JSON.readTree(Files.readString(Path.of(arguments[0]))));
    Thread reader = new Thread(fake::read, "commands");
    reader.setDaemon(true);
    reader.start();
    fake.run();
  }

  private void read() {
    try (BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        JsonNode command = JSON.readTree(line);
        if (command.path("command").asText().equals("stop")) {
          stop = true;
        }
        commands.add(command);
      }
    } catch (IOException e) {
      System.err.println("no more commands: " + e.getMessage());
    }
    Runtime.getRuntime().halt(1);
  }

  private void run() throws Exception {
    started();
    System.err.println("pid " + ProcessHandle.current().pid());
    if (isTime("refuse", 0)) {
      end(2, 0, false, "no device cuda here: set training.device to cpu");
    }
    if (isTime("mute", 0)) {
      Runtime.getRuntime().halt(9);
    }
    events.println("a library says hello");
    try (ServerSocket server = new ServerSocket(0, size, InetAddress.getLoopbackAddress())) {
      ObjectNode ready =
          JSON.createObjectNode()
              .put("event", "ready")
              .put("rank", rank)
              .put("torch", isTime("torch", 0) ? "9.9.9" : "2.10.0")
              .put("device", isTime("device", 0) ? "cuda:0" : "cpu");
      if (rank == 0) {
        ready.put("store", 1).put("beats", server.getLocalPort());
      }
      say(ready);
      JsonNode go = awaited("go");
      meet(server, go);
    }
    train();
  }

  private void started() throws IOException {
    String file = System.getenv(STARTS);
    if (file != null) {
      String line =
          "rank "
              + rank
              + " pid "
              + ProcessHandle.current().pid()
              + " cores "
              + Runtime.getRuntime().availableProcessors()
              + " "
              + job
              + "\n";
      Files.writeString(Path.of(file), line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
  }

  private JsonNode awaited(String word) throws InterruptedException {
    while (true) {
      JsonNode command = commands.take();
      if (command.path("command").asText().equals(word)) {
        return command;
      }
    }
  }

  private void meet(ServerSocket server, JsonNode go) throws IOException {
    for (int i = 1; i < size && rank == 0; i++) {
      others.add(server.accept());
    }
    if (rank != 0) {
      others.add(new Socket(InetAddress.getLoopbackAddress(), go.path("beats").asInt()));
    }
    for (Socket other : others) {
      other.setSoTimeout(SILENT_MILLIS);
      heard.add(
          new BufferedReader(
              new InputStreamReader(other.getInputStream(), StandardCharsets.UTF_8)));
    }
  }

  private void train() throws Exception {
    int step = 0;
    String value = "start";
    @Nullable Path newest = newest();
    if (newest != null && rank != 0) {
      end(2, 0, false, "a checkpoint lies where nobody reads it");
    }
    @Nullable String text = rank == 0 ? null : heard.get(0).readLine();
    if (newest != null) {
      text = Files.readString(newest.resolve("state"));
    }
    if (text != null) {
      String[] state = text.split(" ");
      step = Integer.parseInt(state[0]);
      value = state[1];
    }
    for (Socket other : others) {
      if (rank == 0) {
        tell(other, step + " " + value);
      }
    }
    forgetAfter(step);
    message(step, "training 3 of 4 parameters" + (newest == null ? "" : ", resumed"));
    int total = Integer.parseInt(System.getenv().getOrDefault(STEPS, "12"));
    int unkept = 0;
    boolean stopped = false;
    int last = step + Integer.parseInt(System.getenv().getOrDefault(TIME, "1000000"));
    while (step < Math.min(total, last) && !stopped) {
      fault(step);
      value = Ids.sha256(value + step);
      step++;
      stopped = together(step);
      LockSupport.parkNanos(
          TimeUnit.MILLISECONDS.toNanos(
              Long.parseLong(System.getenv().getOrDefault(STEP_MILLIS, "0"))));
      metrics(step, value);
      message(step, String.format(Locale.ROOT, "step %d/%d epoch 1.00 loss 0.5", step, total));
      if (step % EVERY == 0 || step == total || step == last || stopped) {
        if (rank == 0 && unkept > 0) {
          awaited("kept");
        }
        save(step, value);
        unkept = step;
      }
    }
    if (rank == 0 && unkept > 0) {
      awaited("kept");
    }
    if (rank == 0 && !stopped) {
      Files.createDirectories(output.resolve("adapter"));
      Files.writeString(output.resolve("adapter").resolve("adapter_model.safetensors"), value);
    }
    end(stopped ? 3 : 0, step, !stopped, "");
  }

  /** Rank 0 hears all and lets all go on, or stop. A silent one is lost. */
  private boolean together(int step) throws IOException {
    for (int i = 0; i < others.size(); i++) {
      if (rank != 0) {
        tell(others.get(i), "done");
      }
    }
    boolean stopping = stop && rank == 0;
    for (int i = 0; i < others.size(); i++) {
      String word;
      try {
        word = heard.get(i).readLine();
      } catch (IOException e) {
        word = null;
      }
      if (word == null) {
        int lost = rank == 0 ? i + 1 : 0;
        end(1, step, false, "rank " + lost + " on 127.0.0.1 is lost");
      }
      stopping |= "stop".equals(word);
    }
    for (int i = 0; i < others.size() && rank == 0; i++) {
      tell(others.get(i), stopping ? "stop" : "go");
    }
    return stopping;
  }

  private static void tell(Socket other, String word) {
    try {
      other.getOutputStream().write((word + "\n").getBytes(StandardCharsets.UTF_8));
      other.getOutputStream().flush();
    } catch (IOException e) {
      System.err.println("not told: " + e.getMessage());
    }
  }

  private void fault(int step) throws IOException {
    if (isTime("die", step)) {
      Runtime.getRuntime().halt(137);
    }
    if (isTime("hang", step)) {
      LockSupport.parkNanos(TimeUnit.MINUTES.toNanos(5));
    }
    if (isTime("bad", step)) {
      end(2, step, false, "row 7 has token 999, the model knows 300");
    }
    if (isTime("full", step)) {
      end(1, step, false, "the disk is full", false);
    }
    if (isTime("executor", step)) {
      ProcessHandle.current().parent().orElseThrow().destroyForcibly();
    }
  }

  private boolean isTime(String what, int step) throws IOException {
    String fault = System.getenv(FAULT);
    String[] parts = fault == null ? new String[0] : fault.split(":", 3);
    if (parts.length != 3
        || !parts[0].equals(what + "@" + step)
        || Integer.parseInt(parts[1]) != rank
        || Files.exists(Path.of(parts[2]))) {
      return false;
    }
    Files.createFile(Path.of(parts[2]));
    return true;
  }

  private @Nullable Path newest() throws IOException {
    Path checkpoints = output.resolve("checkpoints");
    if (!Files.exists(checkpoints)) {
      return null;
    }
    try (Stream<Path> all = Files.list(checkpoints)) {
      return all.sorted().reduce((first, second) -> second).orElse(null);
    }
  }

  /** Metrics of steps that are about to be made again go. */
  private void forgetAfter(int step) throws IOException {
    Path file = output.resolve("metrics.jsonl");
    List<String> kept = new ArrayList<>();
    if (Files.exists(file)) {
      for (String line : Files.readAllLines(file)) {
        if (JSON.readTree(line).path("step").asInt() <= step) {
          kept.add(line);
        }
      }
      Files.write(file, kept);
    }
  }

  private void save(int step, String value) throws IOException {
    if (rank != 0) {
      return;
    }
    Path checkpoints = output.resolve("checkpoints");
    Path partial = Files.createDirectories(checkpoints.resolve(".partial"));
    Files.writeString(partial.resolve("state"), step + " " + value);
    Path place = checkpoints.resolve(SftConfig.checkpointName(step));
    Files.move(partial, place, StandardCopyOption.ATOMIC_MOVE);
    say(
        JSON.createObjectNode()
            .put("event", "checkpoint")
            .put("step", step)
            .put("path", place.toString()));
  }

  private void message(int step, String text) {
    if (rank == 0) {
      say(JSON.createObjectNode().put("event", "message").put("text", text));
    } else {
      System.err.println(step + ": " + text);
    }
  }

  private void metrics(int step, String value) throws IOException {
    if (rank != 0) {
      return;
    }
    ObjectNode line =
        JSON.createObjectNode()
            .put("step", step)
            .put("epoch", step / 4.0)
            .put("loss", Integer.parseInt(value.substring(0, 4), 16) / 65536.0)
            .put("grad_norm", 0.25)
            .put("lr", 1e-3)
            .put("tokens", 100)
            .put("tokens_per_second", 50.0);
    Files.writeString(
        output.resolve("metrics.jsonl"),
        line + "\n",
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
    say(JSON.createObjectNode().put("event", "metrics").set("line", line));
  }

  private void end(int code, int steps, boolean finished, String message) {
    end(code, steps, finished, message, true);
  }

  private void end(int code, int steps, boolean finished, String message, boolean again) {
    say(
        JSON.createObjectNode()
            .put("event", "end")
            .put("code", code)
            .put("finished", finished)
            .put("steps", steps)
            .put("message", message)
            .put("lost", code == 1 ? 1 : -1)
            .put("again", again));
    Runtime.getRuntime().halt(code);
  }

  private synchronized void say(ObjectNode event) {
    events.println(event);
    events.flush();
  }
}
