package io.cria;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.cria.testing.FaultCase;
import java.lang.annotation.Annotation;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;

/** What can go wrong between Cria and an endpoint, and that a test stands for each of it. */
class FaultCasesTest {
  /** What is injected, by number. 30, the batches of a provider, is not built yet. */
  private static final SortedMap<Integer, String> CASES = new TreeMap<>();

  static {
    is(1, "429 with Retry-After in seconds, as a date, in ms, or a rate header's reset of 20ms");
    is(2, "429 without a word of how long");
    is(3, "Retry-After 3600 or negative");
    is(4, "429 insufficient_quota, 402, Anthropic's spend limit");
    is(5, "slow_down");
    is(6, "401, 403, 404 for the model");
    is(7, "context too long: OpenAI, vLLM's two forms, llama.cpp under 400 and 500");
    is(8, "400 content_filter, 413, 422");
    is(9, "408, 409, 500, 502 with a page, 503, 529");
    is(10, "outage of 15 s");
    is(11, "reset before and in a body, truncated body, stale kept-alive connection");
    is(12, "an answer that hangs or trickles");
    is(13, "malformed JSON, no choices, null content");
    is(14, "usage missing");
    is(15, "finish reasons length and content_filter");
    is(16, "fewer answers than samples were asked for");
    is(17, "far fewer prompt tokens counted than sent");
    is(18, "5 % random resets");
    is(19, "token estimates off by 0.5 to 2");
    is(20, "executors killed");
    is(21, "torn tail, flipped byte, empty segment");
    is(22, "ledger that is full or fails");
    is(23, "store without hsync");
    is(24, "task tried again, other number of partitions");
    is(25, "speculation");
    is(26, "driver out of reach, executor dies with its lease");
    is(27, "budget reached with 64 in flight");
    is(28, "unknown model under a cap in USD");
    is(29, "a key that is echoed");
    is(31, "proxy 407, TLS name mismatch, DNS failure");
  }

  private static final List<Class<? extends Annotation>> TESTS =
      List.of(Test.class, ParameterizedTest.class, TestFactory.class);

  private static final List<JavaMethod> MARKED =
      new ClassFileImporter()
              .importUrl(FaultCasesTest.class.getProtectionDomain().getCodeSource().getLocation())
              .stream()
              .flatMap(type -> type.getMethods().stream())
              .filter(method -> method.isAnnotatedWith(FaultCase.class))
              .toList();

  private static void is(int number, String what) {
    CASES.put(number, what);
  }

  private static SortedMap<Integer, Set<String>> testsByCase() {
    SortedMap<Integer, Set<String>> byCase = new TreeMap<>();
    for (JavaMethod method : MARKED) {
      String name = method.getOwner().getSimpleName() + "." + method.getName();
      for (int number : method.getAnnotationOfType(FaultCase.class).value()) {
        byCase.computeIfAbsent(number, any -> new TreeSet<>()).add(name);
      }
    }
    return byCase;
  }

  @Test
  void everyCaseHasATestThatIsNamedForIt() {
    SortedMap<Integer, Set<String>> tests = testsByCase();
    Map<Integer, String> missing = new TreeMap<>(CASES);
    missing.keySet().removeAll(tests.keySet());
    assertThat(missing).as("cases without a test: mark one with @FaultCase").isEmpty();
    assertThat(CASES.keySet()).as("cases that the table knows").containsAll(tests.keySet());
  }

  @Test
  void whatIsMarkedRuns() {
    assertThat(MARKED)
        .allSatisfy(
            method -> {
              assertThat(TESTS).anyMatch(method::isAnnotatedWith);
              assertThat(isDisabled(method) || isDisabled(method.getOwner())).isFalse();
            });
  }

  private static boolean isDisabled(JavaMethod method) {
    return method.isAnnotatedWith(Disabled.class);
  }

  private static boolean isDisabled(JavaClass type) {
    return type.isAnnotatedWith(Disabled.class);
  }
}
