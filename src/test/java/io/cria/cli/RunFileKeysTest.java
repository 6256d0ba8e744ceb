package io.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.config.ConfigException;
import io.cria.config.ConfigKey;
import io.cria.config.ConfigReader;
import io.cria.config.KeyBounds;
import io.cria.config.KeyType;
import io.cria.filter.FilterKeys;
import io.cria.filter.Filters;
import io.cria.sft.SftRunFile;
import io.cria.task.CriaException;
import io.cria.task.Key;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is said of keys, held against the records that read them. */
class RunFileKeysTest {
  /** Bounds that a value may have only together with another key's. */
  private static final Set<String> BOUND_TO_OTHERS =
      Set.of("limits.totalSeconds", "rounds.maxSize");

  private static final Map<RunFileKind, List<ConfigKey>> KEYS =
      Arrays.stream(RunFileKind.values())
          .collect(Collectors.toMap(kind -> kind, kind -> kind.all().toList()));

  @ParameterizedTest
  @EnumSource(RunFileKind.class)
  void everyKeyHasAMeaningOfOneShortLine(RunFileKind kind) {
    assertThat(KEYS.get(kind))
        .isNotEmpty()
        .allSatisfy(
            key ->
                assertThat(key.meaning())
                    .as(key.path())
                    .hasSizeBetween(8, 170)
                    .doesNotEndWith(".")
                    .doesNotContain("\n", "  "));
    assertThat(KEYS.get(kind)).extracting(ConfigKey::path).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @EnumSource(value = RunFileKind.class, mode = EnumSource.Mode.EXCLUDE, names = "PRICES")
  void whatMustBeGivenIsEnoughAndNoneOfItTooMuch(RunFileKind kind) {
    assertThatCode(() -> read(kind, Map.of())).doesNotThrowAnyException();
    for (ConfigKey key : bound(kind)) {
      if (key.isNeeded()) {
        refused(kind, key, "null");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(value = RunFileKind.class, mode = EnumSource.Mode.EXCLUDE, names = "PRICES")
  void boundsAreThoseThatTheRecordsCheck(RunFileKind kind) {
    for (ConfigKey key : bound(kind)) {
      boolean isWhole = key.type().kind() == KeyType.Kind.WHOLE;
      if (!isWhole && key.type().kind() != KeyType.Kind.NUMBER) {
        continue;
      }
      KeyBounds bounds = key.bounds();
      double step = isWhole ? 1 : 0.5;
      outside(bounds, step).forEach(value -> refused(kind, key, number(value, isWhole)));
      if (BOUND_TO_OTHERS.stream().noneMatch(key.path()::endsWith)) {
        inside(bounds).forEach(value -> taken(kind, key, number(value, isWhole)));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(value = RunFileKind.class, mode = EnumSource.Mode.EXCLUDE, names = "PRICES")
  void listedTextsAndFormsAreThoseThatTheRecordsCheck(RunFileKind kind) {
    for (ConfigKey key : bound(kind)) {
      boolean isList = key.type().kind() == KeyType.Kind.LIST;
      if (!key.allowed().isEmpty() || !key.form().isEmpty()) {
        refused(kind, key, isList ? "[no such one]" : "no such one");
      }
      for (String text : key.allowed()) {
        // an answerer is embedded by its key gguf
        if (!(key.path().startsWith("answerers.") && text.equals("embedded"))) {
          taken(kind, key, isList ? "[" + text + "]" : text);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(value = RunFileKind.class, mode = EnumSource.Mode.EXCLUDE, names = "PRICES")
  void defaultsMayBeWrittenOut(RunFileKind kind) {
    for (ConfigKey key : bound(kind)) {
      if (key.standard() != null) {
        taken(kind, key, key.told());
      }
    }
  }

  @Test
  void theKeysOfATrainingThatDecideAreThoseOfItsIdentity() {
    SftRunFile file = (SftRunFile) read(RunFileKind.SFT, Map.of("training.weights", "bfloat16"));
    List<String> decide =
        RunFileKind.SFT.keys().stream()
            .filter(key -> key.name().equals("training"))
            .flatMap(key -> key.below().stream())
            .filter(key -> !key.mayChange())
            .map(ConfigKey::name)
            .toList();
    assertThat(decide).containsExactlyInAnyOrderElementsOf(file.training().identity().keySet());
  }

  @Test
  void everyFilterIsListedAndEachParameterNamesTheFiltersThatTakeIt() {
    assertThatThrownBy(() -> Filters.of("none", Map.of()))
        .hasMessageContainingAll(FilterKeys.NAMES.toArray(String[]::new));
    for (RecordComponent parameter : FilterKeys.class.getRecordComponents()) {
      if (!parameter.getName().equals("name")) {
        String meaning = parameter.getAnnotation(Key.class).value();
        assertThat(FilterKeys.NAMES)
            .as(parameter.getName())
            .filteredOn(filter -> takes(filter, parameter.getName()))
            .isNotEmpty()
            .containsExactlyInAnyOrderElementsOf(
                FilterKeys.NAMES.stream()
                    .filter(List.of(meaning.split("[^a-z_]+"))::contains)
                    .toList());
      }
    }
  }

  /** Whether a filter knows a parameter, whatever it says of the value. */
  private static boolean takes(String filter, String parameter) {
    try {
      return Filters.of(filter, Map.of(parameter, Map.of())) != null;
    } catch (CriaException e) {
      return !String.valueOf(e.getMessage()).contains("unknown parameter");
    }
  }

  private static Stream<ConfigKey> keys(RunFileKind kind) {
    return KEYS.getOrDefault(kind, List.of()).stream();
  }

  /** Keys that the file's own record reads: not those of a list's items. */
  private static List<ConfigKey> bound(RunFileKind kind) {
    return keys(kind).filter(key -> !key.path().contains("[]")).toList();
  }

  private static Stream<Double> outside(KeyBounds bounds, double step) {
    return Stream.of(bounds.min() - step, bounds.above(), bounds.max() + step, bounds.below())
        .filter(value -> !value.isInfinite());
  }

  /** What is just allowed; any number where nothing is said. */
  private static Stream<Double> inside(KeyBounds bounds) {
    List<Double> inside = new ArrayList<>();
    inside.add(bounds.min());
    inside.add(bounds.max());
    inside.add(bounds.above() + 0.01);
    inside.add(bounds.below() - 0.01);
    inside.removeIf(value -> value.isInfinite());
    return inside.isEmpty() ? Stream.of(-5.0) : inside.stream();
  }

  private static String number(double value, boolean isWhole) {
    return isWhole ? String.valueOf(Math.round(value)) : String.valueOf(value);
  }

  private static void refused(RunFileKind kind, ConfigKey key, String value) {
    assertThatThrownBy(() -> read(kind, with(kind, key, value)))
        .as(kind.word() + ": " + key.path() + "=" + value)
        .isInstanceOf(ConfigException.class);
  }

  private static void taken(RunFileKind kind, ConfigKey key, String value) {
    assertThatCode(() -> read(kind, with(kind, key, value)))
        .as(kind.word() + ": " + key.path() + "=" + value)
        .doesNotThrowAnyException();
  }

  private static Object read(RunFileKind kind, Map<String, String> overrides) {
    return ConfigReader.parse(kind.least().toString(), "least", kind.type(), overrides);
  }

  /** The value, and what must be given in the sections around it. */
  private static Map<String, String> with(RunFileKind kind, ConfigKey key, String value) {
    Map<String, String> overrides = new LinkedHashMap<>();
    keys(kind)
        .filter(each -> !each.below().isEmpty() && key.path().startsWith(each.path() + "."))
        .filter(each -> each.type().kind() == KeyType.Kind.SECTION)
        .forEach(each -> give(each, overrides));
    overrides.put(named(key.path()), value);
    overrides.keySet().removeIf(path -> path.startsWith(named(key.path()) + "."));
    return overrides;
  }

  private static void give(ConfigKey section, Map<String, String> overrides) {
    for (ConfigKey each : section.below()) {
      if (each.isNeeded() && !each.below().isEmpty()) {
        give(each, overrides);
      } else if (each.isNeeded()) {
        overrides.put(named(each.path()), each.example());
      }
    }
  }

  /** A name of the example in place of one's own. */
  private static String named(String path) {
    return Arrays.stream(path.split("\\.", -1))
        .map(word -> word.equals(ConfigKey.NAME) ? "small" : word)
        .collect(Collectors.joining("."));
  }
}
