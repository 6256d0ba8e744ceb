package io.cria.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cria.config.ConfigKey;
import io.cria.config.ConfigKeys;
import io.cria.config.ConfigReader;
import io.cria.config.EvaluationConfig;
import io.cria.config.JudgeConfig;
import io.cria.config.RunConfig;
import io.cria.filter.FilterKeys;
import io.cria.llm.Prices;
import io.cria.sft.SftRunFile;
import io.cria.task.CriaException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The kinds of YAML files that a user writes, each with the record that it is read into. */
enum RunFileKind {
  RUN(RunConfig.class, "Run file of a dataset", "cria run CONF --run DIR"),
  JUDGE(JudgeConfig.class, "Run file of a judge", "cria review RUN --judge CONF"),
  EVALUATE(EvaluationConfig.class, "Run file of an evaluation", "cria evaluate CONF --run DIR"),
  SFT(SftRunFile.class, "Run file of a fine-tuning", "cria train-local CONF"),
  PRICES(Prices.Listing.class, "Price list", "cria run CONF --set prices=FILE");

  /** Lists of a run whose items their filters read. */
  private static final Map<String, Class<?>> FILTERS =
      Map.of("generate.filters", FilterKeys.class, "instances.filters", FilterKeys.class);

  private final Class<?> type;
  private final String title;
  private final String use;

  RunFileKind(Class<?> type, String title, String use) {
    this.type = type;
    this.title = title;
    this.use = use;
  }

  /** As it is typed. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  String title() {
    return title;
  }

  /** What names such a file. */
  String use() {
    return use;
  }

  Class<?> type() {
    return type;
  }

  /** Its keys, as a tree. */
  List<ConfigKey> keys() {
    return ConfigKeys.of(type, this == RUN ? FILTERS : Map.of());
  }

  /** Its keys, each section before what is in it. */
  Stream<ConfigKey> all() {
    return keys().stream().flatMap(ConfigKey::all);
  }

  /**
   * The same for a list that people read: a section whose keys were told at another one has none,
   * but says which.
   */
  List<ConfigKey> toldOnce() {
    Map<List<ConfigKey>, String> told = new HashMap<>();
    List<ConfigKey> list = new ArrayList<>();
    keys().forEach(key -> tell(key, told, list));
    return list;
  }

  private static void tell(ConfigKey key, Map<List<ConfigKey>, String> told, List<ConfigKey> list) {
    String before =
        key.below().isEmpty() ? null : told.putIfAbsent(key.relative().below(), key.path());
    if (before != null) {
      list.add(key.saying(key.meaning() + "; keys as in " + before));
      return;
    }
    list.add(key);
    key.below().forEach(each -> tell(each, told, list));
  }

  /**
   * Refuses a file that is of another kind, by the keys that stand in it: what is wrong with it as
   * one of this kind would lead astray.
   *
   * @param text the file's; one that is no YAML is left to who reads it
   * @param name its name, for the message
   */
  void require(String text, String name) {
    Set<String> keys = ConfigReader.topKeys(text);
    long known = known(keys);
    Stream.of(values())
        .filter(kind -> kind.known(keys) > known)
        .max(
            Comparator.comparingLong((RunFileKind kind) -> kind.known(keys))
                .thenComparing(kind -> -kind.names().size()))
        .ifPresent(
            kind -> {
              throw CriaException.badInput(
                  name
                      + ": this is a "
                      + kind.title.toLowerCase(Locale.ROOT)
                      + " (it has "
                      + String.join(", ", kind.telling(keys, this))
                      + "), and a "
                      + title.toLowerCase(Locale.ROOT)
                      + " is wanted here: give one, or go on with "
                      + kind.use);
            });
  }

  private Set<String> names() {
    return keys().stream().map(ConfigKey::path).collect(Collectors.toSet());
  }

  private long known(Set<String> keys) {
    return keys.stream().filter(names()::contains).count();
  }

  /** Up to three keys of a file that this kind has and the other has not. */
  private List<String> telling(Set<String> keys, RunFileKind other) {
    return keys.stream()
        .filter(key -> names().contains(key) && !other.names().contains(key))
        .limit(3)
        .toList();
  }

  /** What such a file must have. */
  ObjectNode least() {
    return ConfigKeys.least(type);
  }
}
