package io.cria.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.llm.fake.MemoryStore;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

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
    try (LedgerWriter ledger = new LedgerWriter(slow, "w")) {
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
    assertThat(store.segments()).containsOnlyKeys("segment-w-0001.jsonl");
  }

  @Test
  void whereSyncDoesNotKeepASegmentIsClosedAt256Records() {
    MemoryStore store = new MemoryStore(false);
    FakeSchedule schedule = FakeSchedule.held();
    List<CompletableFuture<Void>> appended = new ArrayList<>();
    AtomicInteger accepted = new AtomicInteger();
    try (LedgerWriter ledger = new LedgerWriter(store, "w", schedule)) {
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
  void whereSyncDoesNotKeepASegmentIsClosedTwoSecondsAfterItsFirstRecord() {
    MemoryStore store = new MemoryStore(false);
    FakeSchedule schedule = FakeSchedule.jumping();
    try (LedgerWriter ledger = new LedgerWriter(store, "w", schedule)) {
      ledger.append(record(0)).join();
      assertThat(store.records()).hasSize(1);
      assertThat(schedule.waits()).hasSize(1);
      ledger.append(record(1)).join();
      assertThat(store.segments()).hasSize(2);
    }
  }

  @Test
  void aFullStoreRefusesThisRecordAndAllThatFollow() {
    MemoryStore store = new MemoryStore();
    LedgerWriter ledger = new LedgerWriter(store, "w");
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
              "cannot write the ledger, segment segment-w-0001.jsonl: No space left on device: free"
                  + " space or mend the store, then give the same command again")
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
    LedgerWriter ledger = new LedgerWriter(store, "w");
    ledger.close();
    ledger.close();
    assertThat(store.segments()).isEmpty();
    assertThatThrownBy(() -> ledger.append(record(0))).hasMessage("the ledger writer is closed");
  }
}
