package io.cria.serve.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.serve.Backend.UnavailableException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

class FairPoolTest {
  private final FairPool<String> pool = new FairPool<>();

  @Test
  void callersAreServedInTheOrderTheyCame() throws Exception {
    pool.join("worker");
    String member = pool.borrow();
    List<CompletableFuture<String>> callers = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      callers.add(borrowInBackground(i + 1));
    }

    for (int i = 0; i < 5; i++) {
      pool.giveBack(member);
      assertThat(callers.get(i).get()).isEqualTo("worker");
      assertThat(callers.stream().filter(CompletableFuture::isDone)).hasSize(i + 1);
    }
  }

  @Test
  void aNewMemberServesWhoeverWaits() throws Exception {
    pool.join("first");
    String first = pool.borrow();
    CompletableFuture<String> caller = borrowInBackground(1);

    pool.join("second");

    assertThat(caller.get()).isEqualTo("second");
    pool.giveBack(first);
    assertThat(pool.borrow()).isEqualTo("first");
  }

  @Test
  void withoutMembersEveryoneIsRefusedAtOnce() throws Exception {
    assertThatThrownBy(pool::borrow).isInstanceOf(UnavailableException.class);
    pool.join("worker");
    String member = pool.borrow();
    CompletableFuture<String> caller = borrowInBackground(1);

    pool.leave(member, "it died");

    assertThatThrownBy(caller::get)
        .isInstanceOf(ExecutionException.class)
        .hasRootCauseInstanceOf(UnavailableException.class)
        .hasRootCauseMessage("it died");
    pool.giveBack(member);
    assertThatThrownBy(pool::borrow).isInstanceOf(UnavailableException.class);
  }

  @Test
  void aCallerWhoGivesUpTakesNobodysTurn() throws Exception {
    pool.join("worker");
    String member = pool.borrow();
    CompletableFuture<Boolean> wasInterrupted = new CompletableFuture<>();
    Thread impatient =
        new Thread(
            () -> {
              try {
                pool.borrow();
                wasInterrupted.complete(false);
              } catch (InterruptedException e) {
                wasInterrupted.complete(true);
              }
            });
    impatient.start();
    awaitWaiting(1);
    CompletableFuture<String> patient = borrowInBackground(2);

    impatient.interrupt();
    assertThat(wasInterrupted.get()).isTrue();
    pool.giveBack(member);

    assertThat(patient.get()).isEqualTo("worker");
  }

  @Test
  void aClosedPoolTakesNoMemberAndServesNobody() throws Exception {
    pool.join("worker");
    String member = pool.borrow();
    CompletableFuture<String> caller = borrowInBackground(1);

    assertThat(pool.close("closing")).containsExactly("worker");

    assertThatThrownBy(caller::get).hasRootCauseMessage("closing");
    pool.giveBack(member);
    assertThatThrownBy(pool::borrow).hasMessage("closing");
    assertThat(pool.join("late")).isFalse();
  }

  private CompletableFuture<String> borrowInBackground(int waiting) {
    CompletableFuture<String> borrowed =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return pool.borrow();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            },
            task -> new Thread(task).start());
    awaitWaiting(waiting);
    return borrowed;
  }

  private void awaitWaiting(int count) {
    while (pool.waiting() != count) {
      Thread.onSpinWait();
    }
  }
}
