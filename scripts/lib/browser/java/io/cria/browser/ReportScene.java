package io.cria.browser;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import java.util.List;

/** The report of a run, a file that is opened from the disk. */
final class ReportScene {
  private static final String DRAWN = ".chart svg";

  private final Looks looks;
  private final String url;

  ReportScene(Looks looks, String url) {
    this.looks = looks;
    this.url = url;
  }

  void play() {
    Page page = looks.open(1440, 900, ColorScheme.LIGHT);
    page.navigate(url);
    page.waitForSelector(DRAWN);
    Looks.same(
        "charts that are not drawn",
        0,
        page.evaluate(
            "() => [...document.querySelectorAll('.chart')]"
                + ".filter(chart => !chart.querySelector('svg path, svg text')).length"));
    page.fill("#find", "no text of any example has this");
    page.waitForFunction("() => !document.querySelector('#samples article:not([hidden])')");
    page.fill("#find", "");
    page.waitForFunction("() => document.querySelector('#samples article:not([hidden])')");
    page.click("#theme");
    page.waitForFunction("() => document.documentElement.dataset.theme === 'dark'");
    page.context().close();
  }

  void pictures(boolean quick) {
    looks.take("report", url, page -> page.waitForSelector(DRAWN));
    List<String> all = List.of("evaluation", "likeness", "samples", "pairs", "judged");
    for (String section : quick ? all.subList(0, 1) : all) {
      looks.take(
          "report-" + section,
          url + "#" + section,
          page -> {
            page.waitForSelector(DRAWN);
            page.locator("#" + section).scrollIntoViewIfNeeded();
          });
    }
  }
}
