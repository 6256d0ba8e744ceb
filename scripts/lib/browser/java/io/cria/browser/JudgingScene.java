package io.cria.browser;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Twenty pairs judged by keys, one taken back, the server killed and started again. */
final class JudgingScene {
  private static final int PAIRS = 20;
  private static final int UNDONE = 5;
  private static final int KILLED = 12;
  private static final Pattern LINE =
      Pattern.compile("\"subject\":\"pair-(\\d+)\",\"question\":\"better\",\"verdict\":\"(\\w+)\"");

  private final Looks looks;
  private final Path run;
  private final Starter starter;

  /** Starts the page's command, on a port. */
  @FunctionalInterface
  interface Starter {
    Served start(String port) throws IOException;
  }

  /**
   * @param run the evaluation's directory
   */
  JudgingScene(Looks looks, Path run, Starter starter) {
    this.looks = looks;
    this.run = run;
    this.starter = starter;
  }

  void play(boolean quick) throws IOException, InterruptedException {
    Served served = starter.start("0");
    try {
      String url = served.url();
      looks.take("judge-name", url, page -> page.waitForSelector("#name"));
      looks.take("judge-pair", url, page -> begin(page, "vera"));
      Page page = looks.open(1440, 900, ColorScheme.LIGHT);
      page.navigate(url);
      begin(page, "anna");
      List<String> said = new ArrayList<>();
      for (int n = 1; n <= PAIRS; n++) {
        waitFor(page, n);
        if (n == KILLED) {
          served.kill();
          page.keyboard().press("1");
          page.waitForSelector(".alert");
          Looks.same("pairs in the file after the kill", n - 1, verdicts().size());
          served = starter.start(url.replaceFirst(".*:(\\d+)/", "$1"));
          Looks.same("the address after the kill", url, served.url());
        }
        if (n == UNDONE + 1) {
          page.keyboard().press("u");
          waitFor(page, UNDONE);
          Looks.same("pairs in the file after undo", UNDONE - 1, verdicts().size());
          String place = page.textContent("#judged .dim");
          Looks.same("what is taken back is not judged", false, place.contains("judged"));
          said.set(UNDONE - 1, judge(page, UNDONE + 1));
          waitFor(page, n);
        }
        if (n == 3) {
          page.keyboard().press("m");
          page.keyboard().type("한쪽이 더 자세하다");
          page.keyboard().press("Escape");
        }
        said.add(judge(page, n));
      }
      page.waitForSelector("#end");
      Looks.same("what the file says", said, verdicts());
      Looks.same("remarks", true, text().contains("한쪽이 더 자세하다"));
      page.context().close();
      looks.take(
          "judge-end",
          url,
          each -> {
            named(each, "anna");
            each.waitForSelector(".alert");
            each.click("text=Go on as anna");
            each.waitForSelector("#end");
          });
      if (!quick) {
        looks.take(
            "judge-again",
            url,
            each -> {
              named(each, "anna");
              each.waitForSelector(".alert");
            });
      }
    } finally {
      served.close();
    }
  }

  private static void named(Page page, String name) {
    page.waitForSelector("#name");
    page.fill("#name", name);
    page.keyboard().press("Enter");
  }

  private static void begin(Page page, String name) {
    named(page, name);
    page.waitForSelector("#asked .choices button");
  }

  private static void waitFor(Page page, int n) {
    page.waitForFunction(
        "n => document.querySelector('#judged .dim')?.textContent.startsWith(n + ' of')", n);
  }

  /** Left, neither and right in turn. */
  private static String judge(Page page, int n) {
    page.keyboard().press(String.valueOf(n % 3 + 1));
    return List.of("left", "neither", "right").get(n % 3);
  }

  private String text() throws IOException {
    StringBuilder all = new StringBuilder();
    Path folder = run.resolve("people/pairs");
    if (Files.isDirectory(folder)) {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.toList()) {
          all.append(Files.readString(file));
        }
      }
    }
    return all.toString();
  }

  /** Verdicts by the pairs' numbers. */
  private List<String> verdicts() throws IOException {
    java.util.TreeMap<Integer, String> byPair = new java.util.TreeMap<>();
    for (Matcher line = LINE.matcher(text()); line.find(); ) {
      byPair.put(Integer.valueOf(line.group(1)), line.group(2));
    }
    return List.copyOf(byPair.values());
  }
}
