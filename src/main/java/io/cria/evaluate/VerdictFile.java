package io.cria.evaluate;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.cria.task.CriaException;
import io.cria.task.Ids;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A person's verdicts, one JSON object a line: {@code {"rater": "anna", "subject": "ID",
 * "question": "valid_task", "verdict": "yes", "reason": "", "at": "2026-01-31T12:00:00Z"}}; the
 * last two may be missing. A file is one rater's. A question of a subject that comes twice was
 * thought over: the later line counts.
 *
 * @param name of the file, for messages
 * @param rater whose it is
 * @param sha256 of the content
 * @param entries what counts, in the order in which the questions first came
 * @param replaced how many lines were taken back by later ones
 */
public record VerdictFile(
    String name, String rater, String sha256, List<Entry> entries, int replaced) {
  private static final List<String> NEEDED = List.of("rater", "subject", "question", "verdict");
  private static final List<String> OPTIONAL = List.of("reason", "at");

  /** Of a model or of rules: no person may be called so. */
  private static final List<String> OTHERS = List.of("model:", "rule:");

  /** Stand for several raters together. */
  private static final List<String> TOGETHER = List.of(PairVerdicts.PEOPLE, "majority");

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .build();

  /**
   * One verdict.
   *
   * @param subject id of what was judged
   * @param question of those that may be asked
   * @param verdict of those that may be given, as the question spells it
   * @param reason may be empty
   */
  public record Entry(String subject, String question, String verdict, String reason) {}

  public VerdictFile {
    entries = List.copyOf(entries);
  }

  /**
   * Reads a file.
   *
   * @param name the file's, for messages
   * @param text its content; blank lines are skipped
   * @param subjects the ids that may be judged
   * @param questions question to the verdicts that may be given
   * @throws CriaException bad input: file, line and what is wrong there
   */
  public static VerdictFile read(
      String name, String text, Set<String> subjects, Map<String, List<String>> questions) {
    Map<List<String>, Entry> entries = new LinkedHashMap<>();
    String rater = null;
    int given = 0;
    int number = 0;
    for (String line : text.split("\\R", -1)) {
      Place place = new Place(name, ++number);
      if (line.isBlank()) {
        continue;
      }
      JsonNode object = object(place, line);
      String who = rater(place, object);
      if (rater != null && !rater.equals(who)) {
        throw place.bad(
            "two raters in one file, " + rater + " and " + who, "give each a file of their own");
      }
      rater = who;
      Entry entry = entry(place, object, subjects, questions);
      // the later one, in the earlier one's place
      entries.put(List.of(entry.subject(), entry.question()), entry);
      given++;
    }
    if (rater == null) {
      throw CriaException.badInput(name + ": no verdicts: give one JSON object a line");
    }
    return new VerdictFile(
        name, rater, Ids.sha256(text), new ArrayList<>(entries.values()), given - entries.size());
  }

  /**
   * Files of different raters. One that is given twice counts once.
   *
   * @throws CriaException bad input where two files of one rater differ
   */
  public static List<VerdictFile> ofDifferentRaters(Collection<VerdictFile> files) {
    Map<String, VerdictFile> byRater = new TreeMap<>();
    for (VerdictFile file : files) {
      VerdictFile other = byRater.putIfAbsent(file.rater(), file);
      if (other != null && !other.sha256().equals(file.sha256())) {
        throw CriaException.badInput(
            other.name()
                + ", "
                + file.name()
                + ": two files of different content are both of the rater '"
                + file.rater()
                + "': give the other person another name, or put one person's verdicts into one"
                + " file");
      }
    }
    return List.copyOf(byRater.values());
  }

  /**
   * Refuses files of raters who withdraw at the same time.
   *
   * @throws CriaException bad input naming the first
   */
  public static void requireNone(List<VerdictFile> files, Collection<String> raters) {
    for (VerdictFile file : files) {
      if (raters.contains(file.rater())) {
        throw CriaException.badInput(
            file.name()
                + ": the verdicts of '"
                + file.rater()
                + "' are given and withdrawn at once: give --verdicts or --without of one rater");
      }
    }
  }

  private static JsonNode object(Place place, String line) {
    JsonNode object;
    try {
      object = JSON.readTree(line);
    } catch (JsonProcessingException e) {
      throw place.bad("not JSON (" + e.getOriginalMessage() + ")", "write one object a line");
    }
    if (!object.isObject()) {
      throw place.bad("not a JSON object", "write one object a line");
    }
    object
        .properties()
        .forEach(
            field -> {
              if (!NEEDED.contains(field.getKey()) && !OPTIONAL.contains(field.getKey())) {
                throw place.bad(
                    "unknown key '" + field.getKey() + "'",
                    "known are "
                        + String.join(", ", NEEDED)
                        + ", and perhaps "
                        + String.join(" and ", OPTIONAL));
              }
            });
    return object;
  }

  private static String rater(Place place, JsonNode object) {
    String rater = text(place, object, "rater").strip();
    try {
      return requireRater(rater);
    } catch (CriaException e) {
      throw CriaException.badInput(place + ": " + e.getMessage());
    }
  }

  /**
   * A person's name as a rater may have it.
   *
   * @throws CriaException (bad input) when it may not
   */
  public static String requireRater(String rater) {
    if (rater.isBlank() || OTHERS.stream().anyMatch(rater::startsWith)) {
      throw CriaException.badInput(
          "'"
              + rater
              + "' is no rater's name: give a person's, which does not begin with "
              + String.join(" or ", OTHERS));
    }
    if (TOGETHER.contains(rater)) {
      throw CriaException.badInput(
          "'" + rater + "' stands for several raters together: give the name of one");
    }
    return rater;
  }

  private static Entry entry(
      Place place, JsonNode object, Set<String> subjects, Map<String, List<String>> questions) {
    String subject = text(place, object, "subject");
    if (!subjects.contains(subject)) {
      throw place.bad(
          "unknown subject '" + subject + "'", "give an id of the sample that is judged here");
    }
    String question = text(place, object, "question");
    List<String> verdicts = questions.get(question);
    if (verdicts == null) {
      throw place.bad(
          "unknown question '" + question + "'", "asked here is " + oneOf(questions.keySet()));
    }
    String given = text(place, object, "verdict").strip();
    String verdict =
        verdicts.stream()
            .filter(known -> known.equalsIgnoreCase(given))
            .findFirst()
            .orElseThrow(
                () ->
                    place.bad(
                        "unknown verdict '" + given + "' on " + question,
                        "give " + oneOf(verdicts)));
    if (object.has("at")) {
      requireInstant(place, text(place, object, "at"));
    }
    return new Entry(
        subject, question, verdict, object.has("reason") ? text(place, object, "reason") : "");
  }

  private static String oneOf(Collection<String> words) {
    return (words.size() == 1 ? "" : "one of ") + String.join(", ", words);
  }

  private static void requireInstant(Place place, String at) {
    try {
      Instant unused = Instant.parse(at);
    } catch (DateTimeParseException e) {
      throw place.bad(
          "'" + at + "' is no time", "write at as in 2026-01-31T12:00:00Z, or leave it out");
    }
  }

  private static String text(Place place, JsonNode object, String key) {
    @Nullable JsonNode value = object.get(key);
    if (value == null || !value.isTextual()) {
      throw place.bad(
          "the key '" + key + "' " + (value == null ? "is missing" : "holds no text"),
          "each line has " + String.join(", ", NEEDED));
    }
    return value.textValue();
  }

  private record Place(String name, int line) {
    CriaException bad(String what, String remedy) {
      return CriaException.badInput(this + ": " + what + ": " + remedy);
    }

    @Override
    public String toString() {
      return name + ":" + line;
    }
  }
}
