package io.cria.parsefile;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.testing.Fixtures;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.StreamSupport;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the published programs themselves made of recorded and mutated answers. */
class PublishedProgramsParityTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @ParameterizedTest
  @ValueSource(strings = {"instructions", "alpaca", "instances"})
  void every_record_agrees(String kind) throws IOException {
    Path file = Fixtures.file("golden/parity/" + kind + ".jsonl.gz");
    ParseRecords records = new ParseRecords(ParseRecords.Kind.named(kind));
    long number = 0;
    try (BufferedReader lines = open(file)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        number++;
        JsonNode accepted = JSON.readTree(records.parseLine(line)).get("accepted");
        JsonNode expected = JSON.readTree(line).get("expected");
        if (kind.equals("instances")) {
          // The program's order is that of a set, so the records are sorted.
          assertThat(sorted(accepted)).as("record %d", number).isEqualTo(sorted(expected));
        } else {
          assertThat(accepted).as("record %d", number).isEqualTo(expected);
        }
      }
    }
    assertThat(number).isEqualTo(2_000);
  }

  private static List<String> sorted(JsonNode pairs) {
    return StreamSupport.stream(pairs.spliterator(), false)
        .map(JsonNode::toString)
        .sorted(Comparator.naturalOrder())
        .toList();
  }

  private static BufferedReader open(Path file) throws IOException {
    return new BufferedReader(
        new InputStreamReader(
            new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8));
  }
}
