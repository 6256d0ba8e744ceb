package io.cria.verify;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.storage.RunDirectory;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Files of one JSON object a line that are small enough to be held. */
final class JsonLines {
  private static final ObjectMapper JSON = new ObjectMapper();

  private JsonLines() {}

  /** All of a file; none when it is not there. A line that is no JSON is a finding. */
  static List<JsonNode> read(RunDirectory run, String file, Findings findings) {
    List<JsonNode> lines = new ArrayList<>();
    if (!run.exists(file)) {
      return lines;
    }
    int number = 0;
    try (BufferedReader in =
        new BufferedReader(new InputStreamReader(run.open(file), StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        number++;
        try {
          lines.add(JSON.readTree(line));
        } catch (JsonProcessingException e) {
          findings.add(file + ", line " + number, "is no JSON: it was damaged");
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(run.path(file) + " cannot be read", e);
    }
    return lines;
  }
}
