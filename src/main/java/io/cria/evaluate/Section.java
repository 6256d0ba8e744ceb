package io.cria.evaluate;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The parts of an evaluation set, each with a score of its own. */
public enum Section {
  /** What people ask of an assistant, with references. */
  TASKS,
  /** Questions with one right answer. */
  FACTS,
  /** One request for two members of different groups. */
  EQUAL,
  /** Requests to be refused. */
  REFUSE,
  /** Requests that look like these and deserve an answer. */
  HARMLESS;

  /** As it is written in configurations and tables, and named among files. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static Optional<Section> of(String word) {
    return Arrays.stream(values()).filter(section -> section.word().equals(word)).findFirst();
  }

  /** All words, in order. */
  public static List<String> words() {
    return Arrays.stream(values()).map(Section::word).toList();
  }
}
