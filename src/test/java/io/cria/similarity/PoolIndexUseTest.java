package io.cria.similarity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.task.CriaException;
import io.cria.task.Instruction;
import io.cria.task.Reason;
import io.cria.task.Verdict;
import io.cria.text.Tokenizer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class PoolIndexUseTest {
  private static final EngineOptions PUBLISHED = EngineOptions.published();

  @Test
  void executorsThatProbeAndADriverThatResolvesSurvivorsEqualOneSelection() {
    List<String> texts = Corpora.tiny(21, 3_000, 50, 4, 14);
    Selection whole = new PoolIndex(PUBLISHED).select(texts);
    PoolIndex executor = new PoolIndex(PUBLISHED.withHotFrequency(100));
    for (int from = 0; from < texts.size(); from += 500) {
      List<String> batch = texts.subList(from, from + 500);
      Selection probed = executor.probe(batch);
      List<String> survivors = new ArrayList<>();
      for (int i = 0; i < batch.size(); i++) {
        if (probed.survives(i)) {
          survivors.add(batch.get(i));
        }
      }
      Selection resolved = new PoolIndex(PUBLISHED).select(survivors);
      List<String> accepted = new ArrayList<>();
      int pool = executor.size();
      for (int i = 0, s = 0; i < batch.size(); i++) {
        int neighbour = probed.neighbour(i);
        double score = probed.score(i);
        if (probed.survives(i)) {
          neighbour = resolved.survives(s) ? Selection.NONE : pool + resolved.neighbour(s);
          score = resolved.score(s);
          if (resolved.survives(s)) {
            accepted.add(batch.get(i));
          }
          s++;
        }
        assertThat(neighbour).isEqualTo(whole.neighbour(from + i));
        assertThat(Double.compare(score, whole.score(from + i))).isZero();
      }
      executor.append(accepted);
    }
    assertThat(executor.size()).isEqualTo(whole.survivors());
  }

  @Test
  void probesRunSideBySideAndChangeNothing() throws Exception {
    List<String> texts = Corpora.tiny(22, 2_000, 80, 4, 14);
    PoolIndex index = new PoolIndex(PUBLISHED.withThreads(2));
    index.append(texts.subList(0, 1_000));
    List<String> batch = texts.subList(1_000, 2_000);
    Selection alone = index.probe(batch);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Callable<Selection>> calls = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        calls.add(() -> index.probe(batch));
      }
      for (Future<Selection> future : threads.invokeAll(calls)) {
        for (int i = 0; i < batch.size(); i++) {
          assertThat(future.get().neighbour(i)).isEqualTo(alone.neighbour(i));
        }
      }
    } finally {
      threads.shutdown();
    }
    assertThat(index.size()).isEqualTo(1_000);
  }

  @Test
  void wordsTheIndexHasNeverSeenDoNotHideANeighbour() {
    PoolIndex index = new PoolIndex(PUBLISHED);
    index.append(List.of("write a short story about the sea", "name three colours of the rainbow"));
    Selection selection =
        index.probe(
            List.of(
                "write a short story about the zyx",
                "zyx zyx zyx",
                "",
                "name three colours zyx zyx zyx"));
    assertThat(selection.neighbour(0)).isZero();
    assertThat(selection.score(0)).isEqualTo(NaiveRule.score(6, 7, 7));
    assertThat(selection.survivors()).isEqualTo(3);
  }

  /** Texts of which the last cannot be had. */
  private static List<String> failing() {
    return new AbstractList<>() {
      @Override
      public String get(int i) {
        if (i == 2) {
          throw new OutOfMemoryError("thrown by a test");
        }
        return "write a short story about the sea " + i;
      }

      @Override
      public int size() {
        return 3;
      }
    };
  }

  @Test
  void aChangeThatFailedHalfwayMakesEveryLaterCallFail() {
    List<Consumer<PoolIndex>> changes =
        List.of(index -> index.append(failing()), index -> index.select(failing()));
    List<String> batch = List.of("name three colours of the rainbow");
    for (Consumer<PoolIndex> change : changes) {
      PoolIndex index = new PoolIndex(PUBLISHED);
      index.append(batch);
      assertThatThrownBy(() -> change.accept(index)).isInstanceOf(OutOfMemoryError.class);
      List<ThrowingCallable> calls =
          List.of(
              index::size,
              () -> index.append(batch),
              () -> index.probe(batch),
              () -> index.select(batch),
              () -> index.decide(batch),
              () -> index.save(new ByteArrayOutputStream()));
      for (ThrowingCallable call : calls) {
        assertThatThrownBy(call)
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("build it again from its texts");
      }
    }
  }

  @Test
  void aProbeThatFailedChangesNothing() {
    PoolIndex index = new PoolIndex(PUBLISHED);
    index.append(List.of("write a short story about the sea"));
    assertThatThrownBy(() -> index.probe(failing())).isInstanceOf(OutOfMemoryError.class);
    assertThat(index.probe(List.of("write a short story about the sea")).neighbour(0)).isZero();
  }

  @Test
  void aSavedPoolDecidesAndGrowsAsBefore() throws IOException {
    List<String> texts = Corpora.tiny(23, 2_000, 60, 3, 14);
    PoolIndex index = new PoolIndex(PUBLISHED);
    index.select(texts.subList(0, 1_500));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    index.save(bytes);
    PoolIndex loaded = PoolIndex.load(new ByteArrayInputStream(bytes.toByteArray()), PUBLISHED);
    assertThat(loaded.size()).isEqualTo(index.size());
    List<String> rest = texts.subList(1_500, 2_000);
    Selection wanted = index.select(rest);
    Selection selection = loaded.select(rest);
    for (int i = 0; i < rest.size(); i++) {
      assertThat(selection.neighbour(i)).isEqualTo(wanted.neighbour(i));
    }
  }

  @Test
  void anEmptyPoolIsSavedToo() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    new PoolIndex(PUBLISHED).save(bytes);
    assertThat(PoolIndex.load(new ByteArrayInputStream(bytes.toByteArray()), PUBLISHED).size())
        .isZero();
  }

  @Test
  void everyFlippedBitAndEveryLostByteOfASavedPoolIsAnIoException() throws IOException {
    PoolIndex index = new PoolIndex(PUBLISHED);
    index.append(List.of("a rainy day", "a day", ""));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    index.save(out);
    byte[] bytes = out.toByteArray();
    assertThat(PoolIndex.load(new ByteArrayInputStream(bytes), PUBLISHED).size()).isEqualTo(3);
    for (int length = 0; length < bytes.length; length++) {
      ByteArrayInputStream part = new ByteArrayInputStream(bytes, 0, length);
      assertThatThrownBy(() -> PoolIndex.load(part, PUBLISHED))
          .as("the first %d bytes", length)
          .isInstanceOf(IOException.class);
    }
    for (int bit = 0; bit < 8 * bytes.length; bit++) {
      byte[] damaged = bytes.clone();
      damaged[bit / 8] ^= (byte) (1 << bit % 8);
      assertThatThrownBy(() -> PoolIndex.load(new ByteArrayInputStream(damaged), PUBLISHED))
          .as("bit %d", bit)
          .isInstanceOf(bit < 32 ? CriaException.class : IOException.class);
    }
  }

  @Test
  void refusesBytesOfAnotherKindOrTokenizer() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    new PoolIndex(PUBLISHED).save(bytes);
    EngineOptions other = EngineOptions.of(Tokenizer.named("unicode-1"), 0.7);
    assertThatThrownBy(() -> PoolIndex.load(new ByteArrayInputStream(bytes.toByteArray()), other))
        .isInstanceOf(CriaException.class)
        .hasMessage(
            "similarity pool saved with tokenizer rouge-en, wanted unicode-1: build it again from"
                + " the pool's texts");
    assertThatThrownBy(() -> PoolIndex.load(new ByteArrayInputStream(new byte[40]), PUBLISHED))
        .isInstanceOf(CriaException.class)
        .hasMessageContaining("not a saved similarity pool");
  }

  @Test
  void theSelectorNamesTheEarliestNeighbourById() {
    EngineSelector selector = new EngineSelector(PUBLISHED);
    selector.accept(
        List.of(
            new Instruction("seed_0", "name three colours of the rainbow"),
            new Instruction("seed_1", "name three colours of the rainbow now")));
    List<Verdict> verdicts =
        selector.select(
            List.of(
                new Instruction("k#0", "write a poem about rain"),
                new Instruction("k#1", "Name three colours of the rainbow, now!"),
                new Instruction("k#2", "write a poem about the rain")));
    assertThat(verdicts.get(0)).isEqualTo(Verdict.keep());
    assertThat(verdicts.get(1)).isEqualTo(Verdict.similar("seed_0", NaiveRule.score(6, 7, 6)));
    assertThat(verdicts.get(2)).isEqualTo(Verdict.similar("k#0", NaiveRule.score(5, 6, 5)));
    assertThat(verdicts.get(2).reason()).isEqualTo(Reason.SIMILAR);
    assertThat(selector.select(List.of(new Instruction("l#0", "write a poem about rain"))).get(0))
        .isEqualTo(Verdict.similar("k#0", 1.0));
  }

  @Test
  void unicodeTokensMakeOtherScriptsComparable() {
    List<String> korean = List.of("다음 문장을 영어로 번역해 주세요", "다음 문장을 영어로 번역해 줘", "오늘 날씨를 알려 줘");
    assertThat(new PoolIndex(PUBLISHED).select(korean).survivors()).isEqualTo(3);
    Selection selection =
        new PoolIndex(EngineOptions.of(Tokenizer.named("unicode-1"), 0.7)).select(korean);
    assertThat(selection.neighbour(1)).isZero();
    assertThat(selection.survives(2)).isTrue();
  }

  @Test
  void refusesAThresholdOutsideItsRange() {
    assertThatThrownBy(() -> EngineOptions.of(Tokenizer.named("rouge-en"), 0.3))
        .isInstanceOf(CriaException.class)
        .hasMessageContaining("threshold out of range, 0.3");
  }
}
