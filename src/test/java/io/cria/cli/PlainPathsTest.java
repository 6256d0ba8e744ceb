package io.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlainPathsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "file:/tmp/run: it has no examples | /tmp/run: it has no examples",
        "in file:///tmp/run/report.json | in /tmp/run/report.json",
        "s3a://bucket/run and hdfs://host/run | s3a://bucket/run and hdfs://host/run",
        "headers.X: \"file:s/gate\" | headers.X: \"file:s/gate\"",
        "file://host/share | file://host/share",
        "profile:/x | profile:/x"
      })
  void aLocalUriIsToldAsAPath(String told, String shown) {
    assertThat(PlainPaths.in(told)).isEqualTo(shown);
  }
}
