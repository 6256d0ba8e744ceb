package io.cria.storage;

import io.cria.task.CriaException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Files of records that a user names: a file stands for itself, a folder for the JSON lines in it.
 *
 * @param files in the order given, those of a folder ({@code *.jsonl}, not of folders below it) by
 *     name
 * @param passedOver files of folders that end in {@code .json}: arrays and settings end so alike
 */
public record RecordFiles(List<Location> files, List<Location> passedOver) {
  private static final String LINES = ".jsonl";

  public RecordFiles {
    files = List.copyOf(files);
    passedOver = List.copyOf(passedOver);
  }

  /**
   * What these names stand for.
   *
   * @param remedy what to name, for messages
   * @throws CriaException (bad input) for a folder without JSON lines
   */
  public static RecordFiles of(List<Location> names, String remedy) {
    List<Location> files = new ArrayList<>();
    List<Location> passedOver = new ArrayList<>();
    for (Location name : names) {
      List<String> children;
      try {
        children = name.list();
      } catch (IOException e) {
        files.add(name); // a file, or nothing, which reading it tells
        continue;
      }
      children.stream()
          .filter(child -> child.endsWith(".json"))
          .map(name::child)
          .forEach(passedOver::add);
      List<Location> lines =
          children.stream().filter(child -> child.endsWith(LINES)).map(name::child).toList();
      if (lines.isEmpty()) {
        throw CriaException.badInput(
            name + ": the folder has no file of JSON lines (*" + LINES + "): " + remedy);
      }
      files.addAll(lines);
    }
    return new RecordFiles(files, passedOver);
  }
}
