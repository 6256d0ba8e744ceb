package io.cria.shard;

import io.cria.task.CriaException;
import io.cria.task.SeededRandom;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * One side of a dataset's shards, to look at some of its examples: the segments of its rows,
 * numbered through. Only the files that hold them are read whole, and checked.
 */
public final class ShardExamples {
  private final ShardPlace place;
  private final List<Part> parts;

  private ShardExamples(ShardPlace place, List<Part> parts) {
    this.place = place;
    this.parts = parts;
  }

  /** A file, and what lies in those before it. */
  private record Part(String name, ShardHeader header, int firstRow, int firstExample) {
    int end() {
      return firstExample + header.segments();
    }
  }

  /**
   * One example of the shards.
   *
   * @param number of all examples, from 0
   * @param row of all rows, from 0
   * @param segment of its row, from 0
   */
  public record Example(int number, int row, int segment, TokenisedExample tokens) {}

  /**
   * Reads what manifest and headers say.
   *
   * @throws CriaException (bad input) when one is missing or damaged, or they are of two tokenizers
   */
  static ShardExamples open(ShardPlace place) {
    List<Part> parts = new ArrayList<>();
    int rows = 0;
    int examples = 0;
    for (String name : ShardManifest.read(place).files()) {
      ShardHeader header = header(place, name);
      if (!parts.isEmpty()
          && !header.tokenizerHash().equals(parts.get(0).header().tokenizerHash())) {
        throw CriaException.badInput(
            place.describe(name)
                + " is of another tokenizer than the shards before: write them again");
      }
      parts.add(new Part(name, header, rows, examples));
      rows = Math.addExact(rows, header.rows());
      examples = Math.addExact(examples, header.segments());
    }
    return new ShardExamples(place, parts);
  }

  private static ShardHeader header(ShardPlace place, String name) {
    try (InputStream in = place.open(name)) {
      return ShardFile.header(in, place.describe(name));
    } catch (IOException e) {
      throw ShardFile.unreadable(place.describe(name), e);
    }
  }

  /** How many there are. */
  public int count() {
    return parts.get(parts.size() - 1).end();
  }

  /** Of the tokenizer that made the ids: {@link io.cria.tokenizer.ModelTokenizer#hash}. */
  public String tokenizerHash() {
    return parts.get(0).header().tokenizerHash();
  }

  /**
   * Numbers of examples in ascending order: one at random from each of {@code wanted} equal
   * stretches, so that they are spread over all; all, where there are no more.
   */
  public int[] choose(int wanted, long seed) {
    int count = count();
    if (wanted >= count) {
      return IntStream.range(0, count).toArray();
    }
    SeededRandom random = SeededRandom.of(seed, "masks", 0, 0);
    int[] chosen = new int[wanted];
    for (int i = 0; i < wanted; i++) {
      int start = (int) ((long) i * count / wanted);
      int end = (int) ((i + 1L) * count / wanted);
      chosen[i] = start + random.nextInt(end - start);
    }
    return chosen;
  }

  /**
   * Reads examples.
   *
   * @param numbers ascending
   * @param each is given them in this order
   * @throws CriaException (bad input) when a file is damaged
   */
  public void read(int[] numbers, Consumer<Example> each) {
    for (Part part : parts) {
      int[] within =
          Arrays.stream(numbers)
              .filter(number -> number >= part.firstExample() && number < part.end())
              .toArray();
      if (within.length > 0) {
        place.whole(part.name(), file -> read(part, file, within)).forEach(each);
      }
    }
  }

  private List<Example> read(Part part, Path path, int[] numbers) {
    ShardFile file = ShardFile.open(path, place.describe(part.name()));
    if (!file.header().equals(part.header())) {
      throw CriaException.badInput(
          place.describe(part.name()) + " was written anew meanwhile: call the command again");
    }
    List<Example> examples = new ArrayList<>();
    for (int number : numbers) {
      int segment = number - part.firstExample();
      int row = file.rowOfSegment(segment);
      int inRow = segment - file.segmentsBefore(row);
      examples.add(new Example(number, part.firstRow() + row, inRow, file.row(row).segment(inRow)));
    }
    return examples;
  }
}
