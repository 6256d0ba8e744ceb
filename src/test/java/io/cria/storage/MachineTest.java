package io.cria.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class MachineTest {
  private static final String REST = " 1 7 7 0 -1 4194560 9 0 0 0 1 2 0 0 20 0 1 0 81234 300 40";

  @Test
  void theStartIsReadBehindTheCommandsName() {
    assertThat(Machine.started("7 (java) S" + REST)).isEqualTo("81234");
    assertThat(Machine.started("7 (a) S 1 (b) R" + REST)).isEqualTo("81234");
  }

  @Test
  void whatHasEndedAndWasNotWaitedForRunsNoMore() {
    assertThat(Machine.started("7 (java) Z" + REST)).isEmpty();
    assertThat(Machine.started("7 (java) X" + REST)).isEmpty();
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aProcessRunsFromItsStartToItsEnd() throws IOException, InterruptedException {
    long self = ProcessHandle.current().pid();
    String start = Machine.startOf(self);
    assertThat(start).matches("[0-9]+");
    assertThat(Machine.isRunning(self, start)).isTrue();
    assertThat(Machine.isRunning(self, start + "0")).as("another process of that number").isFalse();

    Process ended = new ProcessBuilder("true").start();
    assertThat(ended.waitFor()).isZero();
    assertThat(Machine.startOf(ended.pid())).isEmpty();
    assertThat(Machine.isRunning(ended.pid(), start)).isFalse();
  }
}
