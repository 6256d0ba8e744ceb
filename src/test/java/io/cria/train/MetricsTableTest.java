package io.cria.train;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MetricsTableTest {
  @Test
  void aStepIsARowAndItsEvaluationStandsInIt() {
    String lines =
        """
        {"step":0,"eval_loss":3.5}
        {"step":1,"epoch":0.5,"loss":3.25,"grad_norm":1.5,"lr":0.001,"tokens":40,"seconds":1}
        {"step":2,"epoch":1.0,"loss":null,"grad_norm":null,"lr":0.002,"tokens":41,"skipped":"NaN"}
        {"step":2,"eval_loss":3.0}
        {"step":3,"ep""";
    assertThat(MetricsTable.rows("tuned", lines).stream().map(Object::toString))
        .containsExactly(
            "[tuned,0,null,null,null,null,null,3.5]",
            "[tuned,1,0.5,3.25,40,0.001,1.5,null]",
            "[tuned,2,1.0,null,41,0.002,null,3.0]");
  }
}
