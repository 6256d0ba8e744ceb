package io.cria.train;

import io.cria.storage.Json;
import io.cria.storage.RunDirectory;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;

/**
 * What a training was begun with, as it stands beside it.
 *
 * @param shards digest of the shards' manifest
 * @param base what {@link #print} said of the base model
 * @param template hash of the layout
 * @param hash over all of it and the settings
 */
public record TrainingRecord(String shards, String base, String template, String hash) {
  /** Its file in the training's directory. */
  public static final String FILE = TrainingIdentity.FILE;

  /** The unit of what a finished training leaves. */
  public static final String RESULT = TrainingPlace.RESULT;

  /** The lines that the table training is made from. */
  public static final String METRICS = TrainingPlace.METRICS;

  /**
   * Reads it; empty where no training was begun.
   *
   * @throws IllegalArgumentException when it is damaged
   */
  public static Optional<TrainingRecord> of(RunDirectory training) {
    return training
        .text(FILE)
        .map(
            text -> {
              TrainingIdentity identity = Json.read(text, TrainingIdentity.class);
              return new TrainingRecord(
                  identity.shards(), identity.base(), identity.template(), identity.hash());
            });
  }

  /**
   * What tells a base model from others.
   *
   * @param base a path or URI
   */
  public static String print(String base, Configuration hadoop) {
    return BaseFiles.at(base, base, hadoop).print();
  }
}
