package io.cria.browser;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Pages as they look on a phone and on a desk, light and dark, and what axe-core finds there. */
final class Looks {
  private static final int[][] SIZES = {{390, 844}, {1440, 900}};
  private static final String AXE = "META-INF/resources/webjars/axe-core/4.6.3/axe.min.js";
  private static final String RUN =
      "() => axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})"
          + ".then(found => found.violations.map(one => one.id + ': '"
          + " + one.nodes.map(node => node.target + ' ' + node.failureSummary).join(' | ')))";

  private final Browser browser;
  private final Path folder;
  private final String axe;
  private final List<String> wrong = new ArrayList<>();
  private int taken;

  /**
   * @param folder of the pictures
   */
  Looks(Browser browser, Path folder) throws IOException {
    this.browser = browser;
    this.folder = folder;
    try (InputStream in = Looks.class.getClassLoader().getResourceAsStream(AXE)) {
      if (in == null) {
        throw new IOException("axe-core is not on the class path, " + AXE);
      }
      axe = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** A page in a window of its own, whose faults are remembered. */
  Page open(int width, int height, ColorScheme scheme) {
    BrowserContext context =
        browser.newContext(
            new Browser.NewContextOptions()
                .setViewportSize(width, height)
                .setColorScheme(scheme)
                .setReducedMotion(com.microsoft.playwright.options.ReducedMotion.REDUCE));
    Page page = context.newPage();
    page.setDefaultTimeout(30_000);
    page.onPageError(error -> wrong.add(page.url() + ": " + error));
    page.onConsoleMessage(
        message -> {
          if (message.type().equals("error") && !message.text().startsWith("Failed to load")) {
            wrong.add(page.url() + ": " + message.text());
          }
        });
    return page;
  }

  /** Takes pictures of one state in every look. */
  void take(String name, String url, Consumer<Page> reach) {
    for (int[] size : SIZES) {
      for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
        Page page = open(size[0], size[1], scheme);
        page.navigate(url);
        reach.accept(page);
        String look = name + "-" + size[0] + "-" + scheme.name().toLowerCase(java.util.Locale.ROOT);
        picture(page, look);
        page.context().close();
      }
    }
  }

  private void picture(Page page, String look) {
    page.evaluate(axe);
    for (Object each : (List<?>) page.evaluate(RUN)) {
      wrong.add(look + ": " + each);
    }
    Object wide =
        page.evaluate(
            "() => document.documentElement.scrollWidth - document.documentElement.clientWidth");
    if (!Integer.valueOf(0).equals(wide)) {
      wrong.add(look + ": the page is wider than the window by " + wide);
    }
    page.screenshot(
        new Page.ScreenshotOptions().setPath(folder.resolve(look + ".png")).setFullPage(false));
    taken++;
  }

  int taken() {
    return taken;
  }

  /** What axe-core, the browser and the eye of a ruler found. */
  List<String> wrong() {
    return List.copyOf(wrong);
  }

  /** Fails with words where two values differ. */
  static void same(String what, Object expected, Object found) {
    if (!expected.equals(found)) {
      throw new IllegalStateException(what + ": " + found + ", not " + expected);
    }
  }

  /** Environment of the driver: no browser is fetched. */
  static Map<String, String> environment() {
    return Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
  }
}
