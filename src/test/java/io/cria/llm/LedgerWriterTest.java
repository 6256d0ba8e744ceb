package io.cria.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.llm.fake.MemoryStore;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.Part;
import io.cria.testing.FaultCase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LedgerWriterTest {
  private static LedgerRecord record(int row) {
    return LedgerReaderTest.record(row, 1, Outcome.OK);
  }

  @Test
  void recordsAreReleasedByTheSyncThatKeepsThem() throws Exception {
    CountDownLatch firstSyncBegun = new CountDownLatch(1);
    CountDownLatch firstSyncMayEnd = new CountDownLatch(1);
    MemoryStore store = new MemoryStore();
    SegmentStore slow =
        name -> {
          SegmentOutput out = store.create(name);
          return new SegmentOutput() {
            @Override
            public void write(byte[] bytes) throws java.io.IOException {
              out.write(bytes);
            }

            @Override
            public void sync() throws java.io.IOException {
              firstSyncBegun.countDown();
              try {
                firstSyncMayEnd.await();
              } catch (InterruptedException e) {
                throw new java.io.InterruptedIOException();
              }
              out.sync();
            }

            @Override
            public boolean syncIsDurable() {
              return true;
            }

            @Override
            public void close() throws java.io.IOException {
              out.close();
            }
          };
        };
    try (LedgerWriter ledger = new LedgerWriter(part -> slow, "w")) {
      AtomicInteger accepted = new AtomicInteger();
      CompletableFuture<Void> first = ledger.append(record(0), accepted::incrementAndGet);
      firstSyncBegun.await();
      List<CompletableFuture<Void>> rest = new ArrayList<>();
      for (int row = 1; row < 50; row++) {
        rest.add(ledger.append(record(row), accepted::incrementAndGet));
      }
      assertThat(first).isNotDone();
      assertThat(accepted).hasValue(0);
      firstSyncMayEnd.countDown();
      first.join();
      rest.forEach(CompletableFuture::join);
      assertThat(accepted).hasValue(50);
      assertThat(store.syncs()).as("one sync for all that waited").isEqualTo(2);
      assertThat(store.records()).hasSize(50);
    }
    assertThat(store.segments()).containsOnlyKeys("segment-p00000-w-0001.jsonl");
  }

  @Test
  @FaultCase(23)
  void whereSyncDoesNotKeepASegmentIsClosedAt256Records() {
    MemoryStore store = new MemoryStore(false);
    FakeSchedule schedule = FakeSchedule.held();
    List<CompletableFuture<Void>> appended = new ArrayList<>();
    AtomicInteger accepted = new AtomicInteger();
    try (LedgerWriter ledger = new LedgerWriter(part -> store, "w", schedule, null)) {
      for (int row = 0; row < 600; row++) {
        appended.add(ledger.append(record(row), accepted::incrementAndGet));
      }
      appended.subList(0, 512).forEach(CompletableFuture::join);
      assertThat(appended.subList(512, 600)).noneMatch(CompletableFuture::isDone);
      assertThat(store.records()).hasSize(512);
      assertThat(schedule.waits()).isNotEmpty().allMatch(wait -> wait.toSeconds() == 2);
    }
    assertThat(appended).allMatch(CompletableFuture::isDone);
    assertThat(accepted).hasValue(600);
    assertThat(store.segments()).hasSize(3);
    assertThat(store.records()).hasSize(600);
  }

  @Test
  @FaultCase(23)
  void whereSyncDoesNotKeepASegmentIsClosedTwoSecondsAfterItsFirstRecord() {
    MemoryStore store = new MemoryStore(false);
    FakeSchedule schedule = FakeSchedule.jumping();
    try (LedgerWriter ledger = new LedgerWriter(part -> store, "w", schedule, null)) {
      ledger.append(record(0)).join();
      assertThat(store.records()).hasSize(1);
      assertThat(schedule.waits()).hasSize(1);
      ledger.append(record(1)).join();
      assertThat(store.segments()).hasSize(2);
    }
  }

  @Test
  void anAlarmThatRingsWhileTheWriterClosesKeepsItFromNothing() throws Exception {
    MemoryStore store = new MemoryStore(false);
    CountDownLatch writing = new CountDownLatch(1);
    CountDownLatch mayGoOn = new CountDownLatch(1);
    ManualSchedule schedule = new ManualSchedule();
    LedgerWriter ledger =
        new LedgerWriter(
            part -> {
              if (part.number() == 1) {
                writing.countDown();
                awaited(mayGoOn);
              }
              return store;
            },
            "w",
            schedule,
            null);
    CompletableFuture<Void> kept = ledger.append(record(0));
    put(ledger, Part.ROWS);
    writing.await();
    Thread closing = new Thread(ledger::close);
    closing.start();
    while (closing.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    schedule.pass(Duration.ofSeconds(2));
    mayGoOn.countDown();
    closing.join();
    assertThat(kept).isCompleted();
    assertThat(store.records()).hasSize(2);
  }

  @Test
  @FaultCase(22)
  void aFullStoreRefusesThisRecordAndAllThatFollow() {
    MemoryStore store = new MemoryStore();
    LedgerWriter ledger = new LedgerWriter(part -> store, "w");
    ledger.append(record(0)).join();
    store.fullAfter(10);
    AtomicInteger accepted = new AtomicInteger();
    for (int row = 1; row < 4; row++) {
      CompletableFuture<Void> refused = ledger.append(record(row), accepted::incrementAndGet);
      assertThatThrownBy(refused::join)
          .isInstanceOf(CompletionException.class)
          .cause()
          .isInstanceOf(CriaException.class)
          .hasMessage(
              "cannot write the ledger, segment segment-p00000-w-0001.jsonl: No space left on"
                  + " device: free space or mend the store, then give the same command again")
          .extracting(e -> ((CriaException) e).exitCode())
          .isEqualTo(ExitCode.FAULT);
    }
    assertThat(accepted).hasValue(0);
    assertThat(store.records()).containsExactly(record(0));
    assertThatThrownBy(ledger::close).isSameAs(ledger.failure());
  }

  @Test
  void anUnusedWriterLeavesNoSegmentAndAClosedOneTakesNothing() {
    MemoryStore store = new MemoryStore();
    LedgerWriter ledger = new LedgerWriter(part -> store, "w");
    ledger.close();
    ledger.close();
    assertThat(store.segments()).isEmpty();
    assertThatThrownBy(() -> ledger.append(record(0))).hasMessage("the ledger writer is closed");
  }

  /** Stores by part, each durable by sync or not. */
  private static final class Stores implements SegmentStores {
    private final Map<Part, MemoryStore> byPart = new ConcurrentHashMap<>();
    private final boolean syncIsDurable;

    Stores(boolean syncIsDurable) {
      this.syncIsDurable = syncIsDurable;
    }

    @Override
    public MemoryStore of(Part part) {
      return byPart.computeIfAbsent(part, any -> new MemoryStore(syncIsDurable));
    }
  }

  @Test
  void recordsGoToTheSegmentsOfTheirParts() {
    Stores stores = new Stores(true);
    try (LedgerWriter ledger = new LedgerWriter(stores, "w")) {
      for (int row = 0; row < 3 * Part.ROWS; row += 1024) {
        put(ledger, row);
      }
    }
    assertThat(stores.byPart).hasSize(3);
    for (int number = 0; number < 3; number++) {
      MemoryStore store = stores.of(new Part(3, number));
      assertThat(store.segments().keySet())
          .singleElement()
          .asString()
          .startsWith("segment-p0000" + number + "-w-");
      assertThat(store.records())
          .hasSize(4)
          .allMatch(record -> record.row() / Part.ROWS == store.records().get(0).row() / Part.ROWS);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aPartsEndMakesItDurableAndTellsItsSegments(boolean syncIsDurable) {
    Stores stores = new Stores(syncIsDurable);
    Part first = new Part(3, 0);
    Part second = new Part(3, 1);
    LedgerWriter ledger = new LedgerWriter(stores, "w", FakeSchedule.held(), null);
    CompletableFuture<Void> kept = ledger.append(record(0));
    put(ledger, Part.ROWS);
    List<LedgerWriter.Written> segments = ledger.end(first);
    assertThat(kept).isDone();
    byte[] bytes = stores.of(first).segments().values().iterator().next();
    assertThat(segments)
        .containsExactly(new LedgerWriter.Written("segment-p00000-w-0001.jsonl", bytes.length, 1));
    put(ledger, 1);
    put(ledger, 2);
    assertThat(ledger.end(first))
        .hasSize(2)
        .startsWith(segments.get(0))
        .last()
        .extracting(LedgerWriter.Written::records)
        .isEqualTo(2L);
    assertThat(ledger.end(new Part(9, 9))).isEmpty();
    ledger.close();
    assertThat(stores.of(second).segments()).hasSize(1);
    assertThatThrownBy(() -> ledger.end(first)).hasMessage("the ledger writer is closed");
  }

  @Test
  void oneGroupSyncsEachSegmentOnceForAllThatWaits() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch mayGoOn = new CountDownLatch(1);
    Stores stores = new Stores(true);
    try (LedgerWriter ledger =
        new LedgerWriter(
            part -> {
              begun.countDown();
              awaited(mayGoOn);
              return stores.of(part);
            },
            "w")) {
      put(ledger, 0);
      begun.await();
      List<CompletableFuture<Void>> rest = new ArrayList<>();
      for (int row = 1; row < 101; row++) {
        rest.add(ledger.append(record(row % 2 * Part.ROWS + row)));
      }
      mayGoOn.countDown();
      rest.forEach(CompletableFuture::join);
      assertThat(stores.of(new Part(3, 0)).syncs()).isEqualTo(2);
      assertThat(stores.of(new Part(3, 1)).syncs()).isEqualTo(1);
    }
  }

  private static void put(LedgerWriter ledger, int row) {
    CompletableFuture<Void> unused = ledger.append(record(row));
  }

  private static void awaited(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  @FaultCase(22)
  void anErrorOfTheStoreRefusesAllPartsAndWhatComesAfterAtOnce() {
    MemoryStore store = new MemoryStore();
    LedgerWriter ledger =
        new LedgerWriter(
            part ->
                name -> {
                  if (part.number() == 1) {
                    throw new AssertionError("as Hadoop tells a full disk");
                  }
                  return store.create(name);
                },
            "w");
    ledger.append(record(0)).join();
    CompletableFuture<Void> refused = ledger.append(record(Part.ROWS));
    assertThatThrownBy(refused::join)
        .cause()
        .isInstanceOf(CriaException.class)
        .hasMessageContaining(
            "segment-p00001-w-0002.jsonl: as Hadoop tells a full disk: free space");
    assertThat(ledger.append(record(1))).isCompletedExceptionally();
    assertThatThrownBy(() -> ledger.end(new Part(3, 0))).isSameAs(ledger.failure());
    assertThatThrownBy(ledger::close).isSameAs(ledger.failure());
    assertThat(store.records()).containsExactly(record(0));
  }

  @Test
  void aLackOfMemoryIsToldAndHangsNobody() {
    LedgerWriter ledger =
        new LedgerWriter(
            part ->
                name -> {
                  throw new OutOfMemoryError("Java heap space");
                },
            "w");
    List<CompletableFuture<Void>> appended = new ArrayList<>();
    for (int row = 0; row < 10; row++) {
      appended.add(ledger.append(record(row * Part.ROWS)));
    }
    for (CompletableFuture<Void> each : appended) {
      assertThatThrownBy(each::join).hasMessageContaining("Java heap space: give the process more");
    }
    assertThatThrownBy(ledger::close).isInstanceOf(CriaException.class);
  }
}
