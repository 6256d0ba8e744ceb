package io.cria.train;

import io.cria.config.SettingsDifference;
import io.cria.storage.Json;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.Ids;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What decides the result of a training: data, base model, layout and settings. A name belongs to
 * one of them for good; where and how it runs may change.
 *
 * @param shards digest of the shards' manifest
 * @param base tells the base model from others
 * @param template hash of the layout
 * @param settings by key
 */
record TrainingIdentity(String shards, String base, String template, Map<String, String> settings) {
  static final String FILE = "training.json";

  TrainingIdentity {
    settings = new TreeMap<>(settings);
  }

  String hash() {
    return Ids.sha256(Json.write(this));
  }

  /** Binds a new training's name to it. */
  void keep(RunDirectory directory) {
    if (!directory.exists(FILE)) {
      directory.replace(FILE, Json.write(this));
    }
  }

  /**
   * Refuses a training of another identity.
   *
   * @param name of the training
   * @throws CriaException ({@link ExitCode#RUN_REFUSED}) naming the first difference
   */
  void require(RunDirectory directory, String name) {
    Optional<String> text = directory.text(FILE);
    if (text.isEmpty()) {
      return;
    }
    TrainingIdentity before;
    try {
      before = Json.read(text.get(), TrainingIdentity.class);
    } catch (IllegalArgumentException e) {
      throw new CriaException(
          ExitCode.RUN_REFUSED,
          directory.path(FILE)
              + ": damaged ("
              + e.getMessage()
              + "): take another --name, or remove the training's directory",
          e);
    }
    difference(before)
        .ifPresent(
            what -> {
              throw new CriaException(
                  ExitCode.RUN_REFUSED,
                  "the training "
                      + name
                      + " was begun with "
                      + what
                      + ": give another --name, or what it began with");
            });
  }

  private Optional<String> difference(TrainingIdentity before) {
    if (!shards.equals(before.shards)) {
      return Optional.of("other shards");
    }
    if (!base.equals(before.base)) {
      return Optional.of("another base model");
    }
    if (!template.equals(before.template)) {
      return Optional.of("another template");
    }
    TreeSet<String> keys = new TreeSet<>(settings.keySet());
    keys.addAll(before.settings.keySet());
    return keys.stream()
        .filter(
            key -> !settings.getOrDefault(key, "").equals(before.settings.getOrDefault(key, "")))
        .findFirst()
        .map(
            key ->
                SettingsDifference.of(
                    "training." + key,
                    before.settings.getOrDefault(key, ""),
                    settings.getOrDefault(key, "")))
        .map(found -> found.key() + " " + found.before() + ", which is " + found.now() + " now");
  }
}
