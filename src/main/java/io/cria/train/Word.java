package io.cria.train;

import io.cria.sft.train.MemoryEstimate;
import io.cria.storage.Json;
import io.cria.task.ExitCode;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.spark.BarrierTaskContext;

/**
 * What a rank tells all others before they begin, once: how it is reached and what it has, or that
 * it cannot begin.
 *
 * @param torch version of its natives
 * @param device it computes on
 * @param store port of rank 0 where the ranks find one another; 0 of others
 * @param beats port of rank 0 for signs of life; 0 of others
 * @param base stands for the bytes of its base model
 * @param needs bytes that its process may take
 * @param available bytes that its host had free; -1 where that does not count
 * @param checkpoint of rank 0: the one to go on from; empty for a start
 * @param code 0, or the exit code of a rank that cannot begin
 * @param reason why it cannot
 */
record Word(
    int rank,
    String host,
    String torch,
    String device,
    int store,
    int beats,
    String base,
    long needs,
    long available,
    String checkpoint,
    int code,
    String reason) {

  /** Of a rank that cannot begin. */
  static Word refusing(int rank, String host, ExitCode code, String reason) {
    return new Word(rank, host, "", "", 0, 0, "", 0, -1, "", code.code(), reason);
  }

  /** Tells the others and hears them, by rank. Waits for the last of them. */
  List<Word> gather(BarrierTaskContext task) {
    return Arrays.stream(task.allGather(Json.write(this)))
        .map(text -> Json.read(text, Word.class))
        .toList();
  }

  /** Why the ranks cannot begin together; the same to each of them. Empty when they can. */
  static Optional<Board.End> refusal(List<Word> all) {
    Optional<Board.End> told =
        all.stream()
            .filter(word -> word.code != 0)
            .findFirst()
            .map(word -> new Board.End(ExitCode.of(word.code), word.reason));
    if (told.isPresent()) {
      return told;
    }
    return differing(
            all, Word::torch, "the hosts have other versions of libtorch", "give all the same jars")
        .or(
            () ->
                differing(
                    all,
                    Word::base,
                    "the hosts have other base models under one name",
                    "give all the same files, or name a store that all see"))
        .or(
            () ->
                differing(
                    all,
                    Word::kind,
                    "the ranks would train on other kinds of device",
                    "give each a GPU (cluster.gpusPerRank), or set training.device to cpu"))
        .or(() -> crowded(all));
  }

  /** Of its device, without the number. */
  private String kind() {
    int colon = device.indexOf(':');
    return colon < 0 ? device : device.substring(0, colon);
  }

  private static Optional<Board.End> differing(
      List<Word> all, Function<Word, String> value, String what, String remedy) {
    List<String> each =
        all.stream().map(word -> word.host + " " + value.apply(word)).distinct().toList();
    if (all.stream().map(value).distinct().count() < 2) {
      return Optional.empty();
    }
    return Optional.of(
        new Board.End(ExitCode.BAD_INPUT, what + " (" + String.join(", ", each) + "): " + remedy));
  }

  private static Optional<Board.End> crowded(List<Word> all) {
    Map<String, List<Word>> byHost =
        all.stream().collect(Collectors.groupingBy(Word::host, TreeMap::new, Collectors.toList()));
    for (var entry : byHost.entrySet()) {
      long needed = entry.getValue().stream().mapToLong(Word::needs).sum();
      long free = entry.getValue().stream().mapToLong(Word::available).max().orElse(-1);
      if (free >= 0 && needed > free) {
        int ranks = entry.getValue().size();
        return Optional.of(
            new Board.End(
                ExitCode.BAD_INPUT,
                entry.getKey()
                    + " has "
                    + MemoryEstimate.size(free)
                    + " of memory free, and its "
                    + (ranks == 1 ? "rank takes " : ranks + " ranks take ")
                    + MemoryEstimate.size(needed)
                    + ": lower training.microBatchTokens, train an adapter (training.lora), run"
                    + " fewer ranks, or set cluster.memory to what a rank really takes"));
      }
    }
    return Optional.empty();
  }
}
