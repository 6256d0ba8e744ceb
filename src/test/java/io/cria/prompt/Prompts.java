package io.cria.prompt;

import io.cria.task.InputOutput;
import io.cria.task.Instruction;
import io.cria.task.SeedTask;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What the tests of prompts share. */
final class Prompts {
  private Prompts() {}

  /** The files which the project ships for {@code recipe}. */
  static PromptFiles shipped(String recipe) {
    Path folder = Path.of("conf/prompts", recipe);
    Map<String, String> texts = new TreeMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        texts.put(String.valueOf(file.getFileName()), Files.readString(file));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new PromptFiles(folder.toString(), texts);
  }

  /** Seeds s0, s1, …, every third one a classification task. */
  static List<SeedTask> seeds(int count) {
    return IntStream.range(0, count)
        .mapToObj(
            i ->
                seed("s" + i, "Seed instruction " + i, i % 3 == 0, new InputOutput("", "out " + i)))
        .toList();
  }

  static SeedTask seed(
      String id, String instruction, boolean isClassification, InputOutput... instances) {
    return new SeedTask(id, "", instruction, List.of(instances), isClassification);
  }

  /** Machine instructions m0, m1, … */
  static List<Instruction> machine(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> new Instruction("m" + i, "Machine instruction " + i))
        .toList();
  }
}
