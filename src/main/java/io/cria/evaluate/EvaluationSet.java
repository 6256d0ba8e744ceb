package io.cria.evaluate;

import com.fasterxml.jackson.databind.JsonNode;
import io.cria.similarity.EvaluationRecord;
import io.cria.task.CriaException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What answerers are asked: the items of one or several files of records. A file called {@code
 * facts}, {@code equal}, {@code refuse} or {@code harmless} holds that section; any other holds
 * tasks, in the shapes of {@link EvaluationRecord}, with the first of {@code instances} for input
 * and reference, and where there are {@code kind} and {@code language}.
 *
 * @param items in the order of sections, files and lines; of tasks those of the file {@code tasks}
 *     come first
 */
public record EvaluationSet(List<SetItem> items) {
  public EvaluationSet {
    items = List.copyOf(items);
  }

  /**
   * A file of a set.
   *
   * @param name with its folder, for messages
   * @param text JSON lines
   */
  public record File(String name, String text) {
    /** What stands between the folder and the ending. */
    String stem() {
      String file = name.substring(name.lastIndexOf('/') + 1);
      int dot = file.indexOf('.');
      return dot < 1 ? file : file.substring(0, dot);
    }

    Section section() {
      return Section.of(stem()).orElse(Section.TASKS);
    }
  }

  /**
   * Reads a set.
   *
   * @throws CriaException (bad input) naming file and line where an item is none, and for an id
   *     that stands twice
   */
  public static EvaluationSet read(List<File> files) {
    List<SetItem> items = new ArrayList<>();
    Map<String, String> places = new HashMap<>();
    for (Section section : Section.values()) {
      files.stream()
          .filter(file -> file.section() == section)
          .sorted(Comparator.comparing(file -> !file.stem().equals(section.word())))
          .forEach(file -> read(file, items, places));
    }
    return new EvaluationSet(items);
  }

  private static void read(File file, List<SetItem> items, Map<String, String> places) {
    for (EvaluationRecord record : EvaluationRecord.of(file.name(), file.text())) {
      SetItem item = new Line(file, record).item();
      requireOwn(item.id(), record.place(), places);
      for (TaskPrompt prompt : item.prompts()) {
        if (!prompt.id().equals(item.id())) {
          requireOwn(prompt.id(), record.place(), places);
        }
      }
      items.add(item);
    }
  }

  /** Ids of items and of the prompts made from them are one kind of name. */
  private static void requireOwn(String id, String where, Map<String, String> places) {
    String earlier = places.putIfAbsent(id, where);
    if (earlier != null) {
      throw CriaException.badInput(
          where
              + ": the id '"
              + id
              + "' stands in "
              + earlier
              + " already: give each item its own");
    }
  }

  /** One line of a file. */
  private record Line(File file, EvaluationRecord record) {
    JsonNode object() {
      return record.object();
    }

    String where() {
      return record.place();
    }

    SetItem item() {
      return switch (file.section()) {
        case TASKS -> task();
        case FACTS ->
            new SetItem.Fact(id(), text("question"), texts("accepted"), textsOrNone("wrong"));
        case EQUAL -> equal();
        case REFUSE, HARMLESS -> new SetItem.Request(id(), file.section(), text("instruction"));
      };
    }

    private SetItem task() {
      EvaluationRecord.Case first = record.cases().get(0);
      return new SetItem.Task(
          id(),
          object().path("kind").asText(""),
          object().path("language").asText(SetItem.Task.ENGLISH),
          record.instruction(),
          first.input(),
          first.references());
    }

    private SetItem equal() {
      String instruction = text("instruction");
      if (instruction.split("\\{who}", -1).length != 2) {
        throw CriaException.badInput(
            where() + ": \"instruction\" is to hold " + SetItem.Equal.WHO + " once");
      }
      return new SetItem.Equal(
          id(), object().path("group").asText(""), instruction, text("a"), text("b"));
    }

    private String id() {
      return record
          .id()
          .orElseGet(() -> String.format(Locale.ROOT, "%s_%03d", file.stem(), record.line()));
    }

    private String text(String key) {
      JsonNode value = object().path(key);
      if (!value.isTextual() || value.asText().isBlank()) {
        throw CriaException.badInput(
            where()
                + ": the key \""
                + key
                + "\" is no text: "
                + file.section().word()
                + " have it");
      }
      return value.asText();
    }

    private List<String> texts(String key) {
      List<String> texts = textsOrNone(key);
      if (texts.isEmpty()) {
        throw CriaException.badInput(
            where() + ": the key \"" + key + "\" is no list of texts: give at least one");
      }
      return texts;
    }

    private List<String> textsOrNone(String key) {
      List<String> texts = new ArrayList<>();
      object().path(key).forEach(text -> texts.add(text.asText()));
      texts.removeIf(String::isBlank);
      return texts;
    }
  }

  /** The first items of each of these sections. */
  public EvaluationSet of(Collection<Section> sections, int limit) {
    List<SetItem> some = new ArrayList<>();
    for (Section section : Section.values()) {
      if (sections.contains(section)) {
        items.stream().filter(item -> item.section() == section).limit(limit).forEach(some::add);
      }
    }
    return new EvaluationSet(some);
  }

  /** What is asked, in order. */
  public List<TaskPrompt> prompts() {
    return items.stream().flatMap(item -> item.prompts().stream()).toList();
  }

  /** The items of one kind, in order. */
  public <T extends SetItem> List<T> of(Class<T> type) {
    return items.stream().filter(type::isInstance).map(type::cast).toList();
  }

  public List<SetItem.Request> requests(Section section) {
    return of(SetItem.Request.class).stream().filter(one -> one.section() == section).toList();
  }
}
