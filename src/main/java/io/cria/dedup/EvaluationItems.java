package io.cria.dedup;

import io.cria.run.RunProgress;
import io.cria.similarity.Contamination;
import io.cria.similarity.EvaluationItem;
import io.cria.similarity.EvaluationRecord;
import io.cria.storage.Location;
import io.cria.storage.Manifest;
import io.cria.storage.RecordFiles;
import io.cria.task.Counted;
import io.cria.task.CriaException;
import io.cria.task.Ids;
import io.cria.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;

/**
 * An evaluation set as records are held against it, read whole: files, and folders of them, also
 * the one that ships ({@code conf/evaluation}).
 *
 * @param files what it was read from, as it is named, with the hash of its content
 * @param items in the order of files and records
 * @param places where each item stands
 * @param passedOver files of its folders that were not read
 */
record EvaluationItems(
    List<Manifest.Input> files,
    List<EvaluationItem> items,
    List<Place> places,
    List<String> passedOver) {
  private static final String REMEDY =
      "--against is to name files of JSON lines or arrays, or a folder of *.jsonl, for example"
          + " conf/evaluation";

  /**
   * Where an item stands.
   *
   * @param file as it is named
   * @param row of its record in the file, from 0
   */
  record Place(String file, long row) {}

  EvaluationItems {
    files = List.copyOf(files);
    items = List.copyOf(items);
    places = List.copyOf(places);
    passedOver = List.copyOf(passedOver);
  }

  /**
   * Reads files and folders in the order given.
   *
   * @throws CriaException (bad input) when one cannot be read, a record has no such shape, or there
   *     is none
   */
  static EvaluationItems read(List<String> names, Configuration hadoop) {
    RecordFiles found =
        RecordFiles.of(names.stream().map(name -> Location.of(name, hadoop)).toList(), REMEDY);
    List<Manifest.Input> inputs = new ArrayList<>();
    List<EvaluationItem> items = new ArrayList<>();
    List<Place> places = new ArrayList<>();
    for (Location file : found.files()) {
      String text = file.content(REMEDY);
      inputs.add(new Manifest.Input(file.toString(), Ids.sha256(text)));
      for (EvaluationRecord record : EvaluationRecord.of(file.toString(), text)) {
        for (EvaluationItem item : record.items()) {
          items.add(item);
          places.add(new Place(file.toString(), record.row()));
        }
      }
    }
    if (items.isEmpty()) {
      throw CriaException.badInput(
          String.join(", ", names) + ": the evaluation set has no item: " + REMEDY);
    }
    return new EvaluationItems(
        inputs, items, places, found.passedOver().stream().map(Location::toString).toList());
  }

  /**
   * How many items have letters in their instruction that this tokenizer passes over.
   *
   * @throws CriaException (bad input) when no instruction has a token: all would pass as clean
   */
  long requireTokens(String tokenizer) {
    Tokenizer rule = Tokenizer.named(tokenizer);
    if (items.stream().allMatch(item -> rule.tokens(item.instruction()).isEmpty())) {
      throw CriaException.badInput(
          "--tokenizer "
              + tokenizer
              + ": it finds no token in any instruction of the evaluation set: use unicode-1, which"
              + " knows every script");
    }
    return items.stream()
        .filter(item -> !Contamination.isSeen(tokenizer, item.instruction()))
        .count();
  }

  /** Tells what nothing is held against: it would pass as clean. */
  void tellUnseen(Contamination.Rules rules, RunProgress progress) {
    if (!passedOver.isEmpty()) {
      progress.note(
          "of a folder *.jsonl is read, and these are not: name each that belongs to the set: "
              + String.join(", ", passedOver));
    }
    long silent = requireTokens(rules.tokenizer());
    if (silent > 0) {
      progress.note(
          silent
              + " of "
              + Counted.of(items.size(), "item")
              + (silent == 1 ? " has" : " have")
              + " letters that "
              + rules.tokenizer()
              + " passes over, which are not compared: --tokenizer unicode-1 knows every script");
    }
  }
}
