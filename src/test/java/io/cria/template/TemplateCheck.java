package io.cria.template;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Our side of scripts/check-export templates: renders the chats that check-templates.py has written
 * with our interpreter, and counts what equals transformers' texts and the masks of the rules.
 */
final class TemplateCheck {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Clock CLOCK =
      Clock.fixed(
          LocalDateTime.of(2026, 11, 26, 9, 5, 7).toInstant(ZoneOffset.UTC), ZoneOffset.UTC);

  /** Differences that are shown. */
  private static final int SHOWN = 10;

  private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
  private final Map<String, Model> models = new HashMap<>();
  private final Map<String, Count> counts = new LinkedHashMap<>();
  private final Map<String, Map<String, Integer>> learnt = new TreeMap<>();
  private final Set<String> chats = new HashSet<>();
  private int differences;

  private TemplateCheck() {
    for (String what : List.of("texts", "exceptions", "ranges", "masks", "marked")) {
      counts.put(what, new Count());
    }
  }

  /** Equal ones of how many. */
  private static final class Count {
    private int equal;
    private int all;
  }

  /** A template, as parsed; what cannot be used is null. */
  private record Model(
      @Nullable JinjaTemplate template,
      @Nullable ChatTemplate chat,
      @Nullable ChatTemplate marking,
      @Nullable TurnMasks masks,
      Map<String, String> tokens,
      List<String> controls) {

    static Model of(JsonNode about) {
      String source = about.get("source").asText();
      Map<String, String> tokens = new TreeMap<>();
      about.get("tokens").properties().forEach(e -> tokens.put(e.getKey(), e.getValue().asText()));
      List<String> controls = new ArrayList<>();
      about.get("controls").forEach(control -> controls.add(control.asText()));
      JinjaTemplate template = null;
      ChatTemplate chat = null;
      ChatTemplate marking = null;
      TurnMasks masks = null;
      try {
        template = JinjaTemplate.parse(source, CLOCK);
        chat = ChatTemplate.of(source, null, tokens, List.of(), CLOCK);
        marking = ChatTemplate.of(source, null, tokens, controls, CLOCK);
        masks = new TurnMasks(marking);
      } catch (TemplateException e) {
        // the cases tell whether that is right
      }
      return new Model(template, chat, marking, masks, tokens, controls);
    }
  }

  /**
   * Arguments: the directory that check-templates.py has written, and {@code --table} to tell how
   * the fixed chats are learnt.
   */
  public static void main(String[] arguments) throws IOException {
    TemplateCheck check = new TemplateCheck();
    boolean table = arguments.length > 1 && arguments[1].equals("--table");
    System.exit(check.run(Path.of(arguments[0]), table) ? 0 : 1);
  }

  private boolean run(Path directory, boolean table) throws IOException {
    try (Stream<String> lines = Files.lines(directory.resolve("templates.jsonl"))) {
      for (String line : (Iterable<String>) lines::iterator) {
        JsonNode about = JSON.readTree(line);
        models.put(about.get("name").asText(), Model.of(about));
      }
    }
    try (Stream<String> lines = Files.lines(directory.resolve("cases.jsonl"))) {
      for (String line : (Iterable<String>) lines::iterator) {
        check(JSON.readTree(line));
      }
    }
    if (table) {
      learnt.forEach((template, ways) -> out.println(template + ": " + ways));
    }
    out.print(models.size() + " templates, " + chats.size() + " chats of them");
    counts.forEach((what, count) -> out.print("; " + what + " " + count.equal + "/" + count.all));
    out.println();
    if (differences > SHOWN) {
      out.println((differences - SHOWN) + " differences more are not shown");
    }
    return differences == 0;
  }

  private void check(JsonNode item) {
    Model model = Objects.requireNonNull(models.get(item.get("template").asText()));
    chats.add(item.get("template").asText() + "\n" + item.get("chat").asText());
    switch (item.get("check").asText()) {
      case "text" -> text(model, item);
      case "mask" -> mask(model, item);
      case "marked" -> marked(model, item);
      default -> throw new IllegalArgumentException(item.get("check").asText());
    }
  }

  private void text(Model model, JsonNode item) {
    String text = null;
    List<Range> generated = List.of();
    String problem = "";
    try {
      if (model.template == null || model.chat == null) {
        throw new TemplateException(1, "it does not parse");
      }
      boolean prompt = item.get("prompt").asBoolean();
      if (item.has("extra")) {
        Map<String, @Nullable Object> variables = new HashMap<>(model.tokens);
        variables.put("messages", list(item.get("messages")));
        variables.put("tools", item.get("tools").isNull() ? null : list(item.get("tools")));
        variables.put("documents", null);
        variables.put("add_generation_prompt", prompt);
        item.get("extra").properties().forEach(e -> variables.put(e.getKey(), value(e.getValue())));
        Rendered rendered = model.template.render(variables);
        text = rendered.text();
        generated = rendered.generated();
      } else {
        List<Map<String, ?>> messages = messages(item);
        ChatTemplate.Rendering rendering =
            model.chat.chat(messages, list(item.get("tools"))).render(messages.size(), prompt);
        text = rendering.text().plain();
        generated = rendering.generated();
      }
    } catch (TemplateException e) {
      problem = String.valueOf(e.getMessage());
    }
    if (exceptions(item, text, problem)) {
      return;
    }
    same("texts", item, item.get("text").asText(), String.valueOf(text));
    if (!item.get("ranges").isEmpty() || !generated.isEmpty()) {
      List<String> ours = new ArrayList<>();
      for (Range range : generated) {
        ours.add(points(String.valueOf(text), range.start(), range.end()));
      }
      same("ranges", item, pairs(item.get("ranges")).toString(), ours.toString());
    }
  }

  /** Counts an exception that there is on either side. */
  private boolean exceptions(JsonNode item, @Nullable String text, String problem) {
    JsonNode error = item.get("error");
    if (error == null && text != null) {
      return false;
    }
    String theirs = error == null ? "" : error.asText();
    // what a template itself raises is the same text on both sides
    String raised = "TemplateError: ";
    boolean same =
        error != null
            && text == null
            && (!theirs.startsWith(raised)
                || problem.endsWith(": " + theirs.substring(raised.length())));
    count(
        "exceptions",
        item,
        same,
        error == null ? "a text" : theirs,
        text == null ? problem : "a text");
    return true;
  }

  private void mask(Model model, JsonNode item) {
    if (item.has("unusable") || model.masks == null) {
      count(
          "masks",
          item,
          item.has("unusable") && model.masks == null,
          item.has("unusable") ? "of no use" : "masks",
          model.masks == null ? "of no use" : "masks");
      way(item, "of no use");
      return;
    }
    TurnMasks.Masked masked = model.masks.mask(messages(item), list(item.get("tools")));
    if (masked instanceof TurnMasks.Refused refused) {
      boolean same = false;
      for (JsonNode reason : item.path("refused")) {
        same |= reason.asText().equals(refused.reason().name());
      }
      String theirs = item.has("refused") ? item.get("refused").toString() : "learnt";
      count("masks", item, same, theirs, refused.reason() + " " + refused.detail());
      way(item, refused.reason().name());
      return;
    }
    List<TurnMasks.Sequence> sequences = ((TurnMasks.Learnt) masked).sequences();
    StringBuilder ours = new StringBuilder();
    for (TurnMasks.Sequence sequence : sequences) {
      ours.append(bracketed(sequence));
    }
    StringBuilder theirs = new StringBuilder();
    for (JsonNode sequence : item.path("learnt")) {
      theirs.append(bracketed(sequence.get(0).asText(), sequence.get(1)));
    }
    same(
        "masks",
        item,
        item.has("refused") ? item.get("refused").toString() : theirs.toString(),
        ours.toString());
    int turns = 0;
    for (JsonNode message : item.get("messages")) {
      turns += message.get("role").asText().equals("assistant") ? 1 : 0;
    }
    if (turns > 1) {
      way(item, sequences.size() == 1 ? "one sequence" : "one a turn");
    }
  }

  /** Notes how a fixed chat is learnt. */
  private void way(JsonNode item, String what) {
    String chat = item.get("chat").asText();
    if (chat.startsWith("random") || chat.startsWith("forged")) {
      return;
    }
    learnt
        .computeIfAbsent(item.get("template").asText(), template -> new TreeMap<>())
        .merge(what, 1, Integer::sum);
  }

  private void marked(Model model, JsonNode item) {
    ChatText text = null;
    String problem = "";
    try {
      if (model.marking == null) {
        throw new TemplateException(1, "it does not parse");
      }
      text = model.marking.prompt(messages(item), list(item.get("tools")));
    } catch (TemplateException e) {
      problem = String.valueOf(e.getMessage());
    }
    if (item.has("taken")) {
      count(
          "marked",
          item,
          problem.contains("takes for its own"),
          "refused, as the template takes a control text for its own",
          text == null ? problem : "a text");
      return;
    }
    if (exceptions(item, text == null ? null : text.plain(), problem) || text == null) {
      return;
    }
    String theirs = item.get("text").asText();
    String ours = text.plain();
    if (item.has("controls")) {
      theirs += "\nits control tokens: " + value(item.get("controls"));
      List<String> found = new ArrayList<>();
      for (ChatText.Piece piece : text.pieces()) {
        if (!piece.written()) {
          find(model.controls, piece.text(), found);
        }
      }
      ours += "\nits control tokens: " + found;
    }
    same("marked", item, theirs, ours);
  }

  private static void find(List<String> controls, String text, List<String> found) {
    for (int at = 0; at < text.length(); ) {
      String longest = "";
      for (String control : controls) {
        if (control.length() > longest.length() && text.startsWith(control, at)) {
          longest = control;
        }
      }
      if (!longest.isEmpty()) {
        found.add(longest);
      }
      at += Math.max(1, longest.length());
    }
  }

  /** The text with brackets around what is learnt. */
  private static String bracketed(TurnMasks.Sequence sequence) {
    StringBuilder text = new StringBuilder("\u27e8");
    int at = 0;
    for (Range range : sequence.learnt()) {
      // ranges that touch are one
      if (range.start() > at || at == 0) {
        text.append(at == 0 ? "" : "\u27e7")
            .append(sequence.text().part(at, range.start()).plain())
            .append("\u27e6");
      }
      text.append(sequence.text().part(range.start(), range.end()).plain());
      at = range.end();
    }
    String rest = sequence.text().part(at, sequence.text().marked().length()).plain();
    return text.append('\u27e7').append(rest).append("\u27e9\n").toString();
  }

  private static String bracketed(String plain, JsonNode learnt) {
    StringBuilder text = new StringBuilder("\u27e8");
    int at = 0;
    for (JsonNode range : learnt) {
      int start = plain.offsetByCodePoints(0, range.get(0).asInt());
      int end = plain.offsetByCodePoints(0, range.get(1).asInt());
      text.append(plain, at, start).append('\u27e6').append(plain, start, end).append('\u27e7');
      at = end;
    }
    return text.append(plain, at, plain.length()).append("\u27e9\n").toString();
  }

  private static String points(String text, int start, int end) {
    int before = text.codePointCount(0, start);
    return before + "-" + (before + text.codePointCount(start, end));
  }

  private static List<String> pairs(JsonNode ranges) {
    List<String> pairs = new ArrayList<>();
    ranges.forEach(range -> pairs.add(range.get(0) + "-" + range.get(1)));
    return pairs;
  }

  private void same(String what, JsonNode item, String theirs, String ours) {
    int at = 0;
    while (at < theirs.length() && at < ours.length() && theirs.charAt(at) == ours.charAt(at)) {
      at++;
    }
    count(what, item, theirs.equals(ours), around(theirs, at), around(ours, at));
  }

  /** The text from a little before a place to a little behind it. */
  private static String around(String text, int at) {
    int from = Math.max(0, Math.min(at, text.length()) - 40);
    String part = text.substring(from, Math.min(text.length(), at + 80));
    return "at " + at + " of " + text.length() + ": \u2026" + part.replace("\n", "\\n") + "\u2026";
  }

  private void count(String what, JsonNode item, boolean same, String theirs, String ours) {
    Count count = Objects.requireNonNull(counts.get(what));
    count.all++;
    if (same) {
      count.equal++;
    } else if (differences++ < SHOWN) {
      out.println(what + ", " + item.get("template").asText() + ", " + item.get("chat").asText());
      out.println("  theirs " + theirs + "\n  ours   " + ours);
      out.println("  messages " + item.get("messages"));
    }
  }

  private static List<Map<String, ?>> messages(JsonNode item) {
    List<Map<String, ?>> messages = new ArrayList<>();
    for (JsonNode message : item.get("messages")) {
      Map<String, @Nullable Object> one = new LinkedHashMap<>();
      message.properties().forEach(entry -> one.put(entry.getKey(), value(entry.getValue())));
      messages.add(one);
    }
    return messages;
  }

  private static List<?> list(JsonNode node) {
    return value(node) instanceof List<?> list ? list : List.of();
  }

  private static @Nullable Object value(JsonNode node) {
    return JSON.convertValue(node, Object.class);
  }
}
