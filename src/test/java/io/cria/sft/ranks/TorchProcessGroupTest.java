package io.cria.sft.ranks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.sft.natives.Natives;
import io.cria.sft.natives.Scoped;
import io.cria.sft.natives.Tensors;
import io.cria.sft.train.ProcessGroup;
import io.cria.task.CriaException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

final class TorchProcessGroupTest {
  @Test
  void valuesAreAddedInTheOrderOfTheRanks() {
    // in another order the small one would survive
    List<double[]> sums =
        RankThreads.run(3, group -> group.sum(new double[] {1e17, 1, -1e17}[group.rank()]));
    assertThat(sums).allSatisfy(sum -> assertThat(sum).containsExactly(0));
    List<double[][]> gathered =
        RankThreads.run(3, group -> group.gather(group.rank(), group.rank() + 0.5));
    assertThat(gathered.get(1)).isDeepEqualTo(new double[][] {{0, 0.5}, {1, 1.5}, {2, 2.5}});
  }

  @Test
  void whatRankZeroHasComesToAll() {
    List<String> words =
        RankThreads.run(
            3,
            group ->
                new String(
                    group.ofFirst(
                        (group.isFirst() ? "of zero" : "another").getBytes(StandardCharsets.UTF_8)),
                    StandardCharsets.UTF_8));
    assertThat(words).containsOnly("of zero");
    assertThat(RankThreads.run(2, group -> group.ofFirst(new byte[0]).length)).containsOnly(0);
  }

  @Test
  void partsOfUnequalSizeAreExchanged() {
    long[] counts = {2, 0, 3};
    List<float[]> received =
        RankThreads.run(
            3,
            group ->
                Scoped.call(
                    () -> {
                      float first = 10 * group.rank();
                      Tensor values =
                          Tensors.floats(
                              new float[] {first, first + 1, first + 2, first + 3, first + 4}, 5);
                      Tensor mine = group.exchange(values, counts);
                      assertThat(mine.shape()).containsExactly(3, counts[group.rank()]);
                      return Tensors.toFloats(mine);
                    }));
    assertThat(received.get(0)).containsExactly(0, 1, 10, 11, 20, 21);
    assertThat(received.get(1)).isEmpty();
    assertThat(received.get(2)).containsExactly(2, 3, 4, 12, 13, 14, 22, 23, 24);
  }

  @Test
  void tensorsAreHandedOverOneByOneAndToAll() {
    List<float[]> received =
        RankThreads.run(
            2,
            group ->
                Scoped.call(
                    () -> {
                      Tensor values = Tensors.floats(new float[] {group.rank(), 7}, 2);
                      if (group.rank() == 1) {
                        group.send(values, 0);
                      } else {
                        group.receive(values, 1);
                      }
                      values.add_(Tensors.floats(new float[] {group.rank()}, 1));
                      group.broadcast(values, 1);
                      return Tensors.toFloats(values);
                    }));
    assertThat(received).allSatisfy(values -> assertThat(values).containsExactly(2, 8));
  }

  @Test
  void ranksThatHaveMetWaitLongerForOneAnotherThanTheyMayTakeToMeet() {
    List<Duration> patience = RankThreads.run(2, group -> ((TorchProcessGroup) group).patience());
    assertThat(patience).containsOnly(Duration.ofMinutes(30));
  }

  @Test
  void oneAloneHasWhatAllHave() {
    assertThat(ProcessGroup.ALONE.sum(1, 2)).containsExactly(1, 2);
    assertThat(ProcessGroup.ALONE.isFirst()).isTrue();
  }

  @Test
  void aStoreThatIsNotReachedIsNamedWithTheTime() throws IOException {
    Natives.load();
    int free;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = socket.getLocalPort();
    }
    assertThatThrownBy(() -> RankStore.reach("127.0.0.1", free, 1))
        .isInstanceOf(CriaException.class)
        .hasMessageStartingWith("rank 0 is not reached at 127.0.0.1:" + free + " within 1 s (");
  }
}
