package io.cria.pipeline;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cria.llm.fake.Reply;
import io.cria.llm.fake.ScriptedServer;
import io.cria.llm.fake.ScriptedServer.Call;
import io.cria.task.SeededRandom;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A server that answers as a case of {@code cases/http} says: the first, the second … request of
 * all get the script's entries, the last of them again and again. A good answer holds three whole
 * blocks of the alpaca recipe.
 */
final class ServerCase implements ScriptedServer.Script {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern OPEN_BLOCK = Pattern.compile("###\n(\\d+)\\. Instruction:$");
  private static final String GOOD = "GOOD";

  private final JsonNode script;
  private final Instant began = Instant.now();
  private int calls;
  private boolean mended;

  ServerCase(JsonNode one) {
    this.script = one.path("script");
  }

  /** From now on every answer is good. */
  synchronized void mend() {
    mended = true;
  }

  private synchronized JsonNode next() {
    int at = calls++;
    JsonNode entry = script.get(Math.min(at, script.size() - 1));
    while (entry.has("for_seconds") && isOver(entry)) {
      entry = script.get(Math.min(++at, script.size() - 1));
    }
    if (entry.has("for_seconds")) {
      calls = 0;
    }
    return mended ? JSON.getNodeFactory().textNode(GOOD) : entry;
  }

  private boolean isOver(JsonNode entry) {
    return Duration.between(began, Instant.now()).toSeconds() >= entry.path("for_seconds").asInt();
  }

  @Override
  public Reply reply(Call call) {
    JsonNode entry = next();
    if (entry.isTextual()) {
      return Reply.text(call, good(call));
    }
    int status = entry.path("status").asInt(200);
    Reply reply = Reply.of(status, body(call, entry));
    for (var header : entry.path("headers").properties()) {
      reply = reply.withHeader(header.getKey(), header.getValue().asText());
    }
    if (entry.path("body").asText().startsWith("gzip of")) {
      byte[] packed =
          Reply.gzip(Reply.text(call, good(call)).body().getBytes(StandardCharsets.UTF_8));
      reply = Reply.ofBytes(status, packed).withHeader("content-encoding", "gzip");
    }
    return reply;
  }

  private static String body(Call call, JsonNode entry) {
    if (entry.has("json")) {
      return entry.path("json").toString();
    }
    String raw = entry.path("raw").asText();
    if (raw.startsWith("data:")) {
      return stream(call);
    }
    if (raw.startsWith("\\ufeff")) {
      return "\ufeff" + Reply.text(call, good(call)).body();
    }
    if (raw.contains("\\ud83d")) {
      return Reply.text(call, good(call)).body().replaceFirst("Tell", "Tell \\\\ud83d");
    }
    return entry.has("raw") ? raw : answer(call, entry);
  }

  /** An answer with what the entry says of it in place of what a good one has. */
  private static String answer(Call call, JsonNode entry) {
    String text = good(call);
    String told = entry.path("text").asText("");
    if (told.contains("without its last 40")) {
      text = text.substring(0, text.length() - 40);
    } else if (told.startsWith("<think>")) {
      Matcher open = OPEN_BLOCK.matcher(call.promptText());
      text =
          "<think>\nfirst this, then\n\n4. Instruction: that\n</think>\n\n"
              + (open.find() ? open.group(1) : "")
              + ". Instruction:"
              + text;
    }
    ObjectNode root = (ObjectNode) tree(Reply.text(call, text).body());
    ObjectNode choice = (ObjectNode) root.path("choices").path(0);
    if (entry.has("message")) {
      choice.set(
          "message", tree(entry.path("message").toString().replace("\"GOOD\"", quoted(text))));
    }
    if (entry.has("finish_reason")) {
      choice.set("finish_reason", entry.path("finish_reason"));
    }
    if (entry.has("usage")) {
      root.set("usage", entry.path("usage"));
    }
    entry.path("choice").properties().forEach(e -> choice.set(e.getKey(), e.getValue()));
    return root.toString();
  }

  private static String stream(Call call) {
    StringBuilder out = new StringBuilder();
    String text = good(call);
    for (int from = 0; from < text.length(); from += 17) {
      String delta = text.substring(from, Math.min(text.length(), from + 17));
      out.append("data: {\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":");
      out.append(quoted(delta)).append("}}]}\n\n");
    }
    out.append("data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n");
    out.append(
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":9}}\n\n");
    return out.append("data: [DONE]\n\n").toString();
  }

  private static String quoted(String text) {
    return JSON.getNodeFactory().textNode(text).toString();
  }

  private static JsonNode tree(String json) {
    return LineRun.tree(json);
  }

  /** Three whole blocks, numbered on from the prompt's open one. */
  static String good(Call call) {
    Matcher open = OPEN_BLOCK.matcher(call.promptText());
    int first = open.find() ? Integer.parseInt(open.group(1)) : 1;
    SeededRandom random = SeededRandom.of(11, call.text(), 0, 0);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 3; i++) {
      int number = first + i;
      text.append(i == 0 ? " " : "\n###\n" + number + ". Instruction: ").append(task(random));
      text.append("\n").append(number).append(". Input:\n<noinput>");
      text.append("\n").append(number).append(". Output:\n");
      text.append("It is the ")
          .append(word(random))
          .append(" that ends with a line long enough to be cut.");
    }
    return text.toString();
  }

  private static String task(SeededRandom random) {
    return "Tell which "
        + word(random)
        + " a "
        + word(random)
        + " would trade for "
        + word(random)
        + " "
        + word(random)
        + ".";
  }

  private static String word(SeededRandom random) {
    List<String> syllables =
        List.of("ba", "ce", "do", "fu", "gi", "ka", "le", "mo", "nu", "pi", "ra", "se");
    StringBuilder word = new StringBuilder();
    for (int i = 0; i < 4; i++) {
      word.append(syllables.get(random.nextInt(syllables.size())));
    }
    return word.toString();
  }
}
