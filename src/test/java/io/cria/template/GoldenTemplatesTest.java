package io.cria.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Templates of our own beside the texts that jinja2 3.1.6, set up as transformers does, makes of
 * them. A file of cases holds a template on one line and its text, as a JSON string, on the next.
 */
class GoldenTemplatesTest {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.USE_BIG_INTEGER_FOR_INTS);
  private static final Clock CLOCK =
      Clock.fixed(
          LocalDateTime.of(2026, 11, 26, 9, 5, 7).toInstant(ZoneOffset.UTC), ZoneOffset.UTC);

  @TestFactory
  Stream<DynamicTest> expressionsPrintAsInPython() {
    return Stream.of(
            "printing",
            "arithmetic",
            "comparing",
            "access",
            "strings",
            "filters",
            "generators",
            "tojson",
            "tests")
        .flatMap(GoldenTemplatesTest::cases)
        .map(
            golden ->
                DynamicTest.dynamicTest(
                    golden.template(),
                    () ->
                        assertThat(render(golden.template()).text())
                            .isEqualTo(JSON.readValue(golden.expected(), String.class))));
  }

  @Test
  void blocksAreTrimmedAndWorkAsInJinja() {
    assertThat(render(resource("blocks.jinja")).text()).isEqualTo(resource("blocks.txt"));
  }

  @TestFactory
  Stream<DynamicTest> whatCannotBeIsRefusedWithItsLineAndName() {
    return cases("refused")
        .map(
            golden ->
                DynamicTest.dynamicTest(
                    golden.template(),
                    () ->
                        assertThatThrownBy(() -> render(golden.template().replace('⏎', '\n')))
                            .isInstanceOf(TemplateException.class)
                            .hasMessage("chat template, " + golden.expected())));
  }

  @TestFactory
  Stream<DynamicTest> everyFilterAndTestThatIsKnownHasACase() {
    String filters = resource("filters.txt") + resource("tojson.txt");
    String tests = resource("tests.txt") + filters;
    return Stream.concat(
        Filters.names().stream()
            .map(
                name ->
                    DynamicTest.dynamicTest(
                        name, () -> assertThat(filters).containsPattern("\\| " + name + "\\b"))),
        ValueTests.names().stream()
            .filter(name -> Character.isLetter(name.charAt(0)))
            .map(
                name ->
                    DynamicTest.dynamicTest(
                        name,
                        () -> assertThat(tests).containsPattern("is (not )?" + name + "\\b"))));
  }

  private record Golden(String template, String expected) {}

  private static Stream<Golden> cases(String name) {
    List<String> lines = resource(name + ".txt").lines().toList();
    List<Golden> cases = new ArrayList<>();
    for (int i = 0; i + 1 < lines.size(); i += 2) {
      cases.add(new Golden(lines.get(i), lines.get(i + 1)));
    }
    return cases.stream();
  }

  private static Rendered render(String template) {
    return JinjaTemplate.parse(template, CLOCK).render(variables());
  }

  private static Map<String, Object> variables() {
    try {
      return JSON.readValue(resource("variables.json"), new TypeReference<>() {});
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String resource(String name) {
    try (InputStream stream = GoldenTemplatesTest.class.getResourceAsStream("/template/" + name)) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
