package io.cria.dedup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordReaderTest {
  private static void refused(String record, String message) {
    assertThatThrownBy(() -> new RecordReader("t", null).read(record)).hasMessage(message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"a.b\": \"whole\", \"a\": {\"b\": \"nested\"}}",
        "{\"a\": {\"b\": \"nested\"}, \"a.b\": \"whole\"}",
        "{\"a\": {\"b\": 5}, \"a.b\": \"whole\"}",
        "{\"a.b\": \"whole\", \"a\": {\"b\": null}}"
      })
  void aKeyOfTheWholeNameGoesBeforeAPath(String record) throws RecordReader.Unusable {
    RecordReader reader = new RecordReader("a.b", "a.b");
    reader.read(record);
    assertThat(reader.text()).isEqualTo("whole");
    assertThat(reader.order()).isEqualTo("whole");
  }

  @Test
  void aPathLeadsIntoObjectsByOneKeyAStep() throws RecordReader.Unusable {
    RecordReader reader = new RecordReader("a.b.c", "a.n");
    reader.read(
        "{\"a\": {\"n\": 1.5, \"b\": {\"c\": \"x\"}, \"c\": \"y\"}, \"a.b\": {\"c\": \"z\"}}");
    assertThat(reader.text()).isEqualTo("x");
    assertThat(reader.order()).isEqualTo(new BigDecimal("1.5"));
    assertThatThrownBy(() -> reader.read("{\"a\": {\"n\": 1, \"b\": {\"d\": 2}}, \"e\": [{}]}"))
        .hasMessage("no column \"a.b.c\": the record has a, a.n, a.b, a.b.d, e");
  }

  @Test
  void aLimitIsNamed() {
    String deep = "[".repeat(64) + "]".repeat(64);
    refused(
        "{\"t\": \"x\", \"a\": " + deep + "}",
        "objects and arrays lie more than 64 deep in one another: flatten them");
    refused(
        "{\"t\": \"x\", \"a\": " + "1".repeat(1_001) + "}",
        "a number has more than 1000 digits: write it as a text");
    refused(
        "{\"t\": \"x\", \"a\": {\"\": 1}}",
        "a key is empty, \"\": name it, as the columns of Parquet have names");
  }

  @Test
  void aLongTextIsNoError() throws RecordReader.Unusable {
    RecordReader reader = new RecordReader("t", null);
    String text = "a".repeat(20_100_000);
    reader.read("{\"t\": \"" + text + "\"}");
    assertThat(reader.text()).hasSize(text.length());
  }

  @Test
  void wholeNumbersBeyondADoubleAreNoticedByPlace() throws RecordReader.Unusable {
    RecordReader reader = new RecordReader("t", null);
    reader.read("{\"t\": \"12345678901234567\", \"a\": 123456789012345, \"b\": 9007199254740992}");
    assertThat(reader.wide()).isEmpty();
    reader.read("{\"t\": \"x\", \"a\": 9007199254740993, \"c\": 0.12345678901234567890}");
    reader.read("{\"b\": [{\"b\": [[-12345678901234567890]]}], \"t\": \"x\"}");
    assertThat(reader.wide()).containsExactlyInAnyOrder("a", "b[].b[][]");
  }
}
