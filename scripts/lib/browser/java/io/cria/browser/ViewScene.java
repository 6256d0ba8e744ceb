package io.cria.browser;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import java.util.List;

/** A run looked through as a new user would. */
final class ViewScene {
  private static final String ROWS = "#rows a";
  private static final String READY = "#rows[aria-busy=false]";
  private static final String STORY = "#story .block";

  private final Looks looks;
  private final String url;

  ViewScene(Looks looks, String url) {
    this.looks = looks;
    this.url = url;
  }

  void play() {
    Page page = looks.open(1440, 900, ColorScheme.LIGHT);
    page.navigate(url);
    page.waitForSelector(ROWS);
    keys(page);
    filters(page);
    planted(page);
    page.context().close();
  }

  private void keys(Page page) {
    page.keyboard().press("j");
    page.waitForSelector(STORY);
    String first = key(page);
    page.keyboard().press("j");
    page.waitForFunction("first => !location.search.includes('key=' + first)", first);
    page.keyboard().press("k");
    page.waitForFunction("first => location.search.includes('key=' + first)", first);
    page.keyboard().press("?");
    page.waitForSelector("#keys[open]");
    page.keyboard().press("Escape");
    page.keyboard().press("n");
    page.waitForFunction("() => location.search.includes('from=')");
    page.waitForSelector(READY);
    String kept = page.url();
    String text = page.textContent(ROWS);
    page.reload();
    page.waitForSelector(READY);
    page.waitForSelector(ROWS);
    Looks.same("the address after a reload", kept, page.url());
    Looks.same("the first row after a reload", text, page.textContent(ROWS));
    page.keyboard().press("p");
    page.waitForFunction("() => document.getElementById('previous').disabled");
  }

  private void filters(Page page) {
    page.keyboard().press("2");
    page.waitForFunction("() => location.search.includes('table=candidates')");
    page.waitForSelector("#filters select[name=reason]");
    page.selectOption("#filters select[name=reason]", "similar");
    page.waitForFunction(
        "() => [...document.querySelectorAll('#rows .badge')].every(b => b.textContent ==="
            + " 'similar')");
    page.waitForSelector(READY);
    page.keyboard().press("Escape");
    page.locator(ROWS).first().click();
    page.waitForSelector("#story .pair mark");
    page.goBack();
    page.waitForFunction("() => !location.search.includes('key=')");
  }

  /** Three examples are wrong; they are found by search and by reading. */
  private void planted(Page page) {
    for (String wrong : List.of("as an ai language", "ASDF ASDF", "todo: write")) {
      page.navigate(url);
      page.waitForSelector(ROWS);
      page.keyboard().press("/");
      page.keyboard().type(wrong);
      page.waitForFunction(
          "() => document.getElementById('status').textContent.startsWith('1 of')");
      page.keyboard().press("Escape");
      page.keyboard().press("j");
      page.waitForSelector(STORY + " mark");
      Looks.same("rows with " + wrong, 1, page.locator(ROWS).count());
    }
  }

  private static String key(Page page) {
    return page.url().replaceFirst(".*[?&]key=([^&]*).*", "$1");
  }

  void pictures(boolean quick) {
    looks.take(
        "view-rows",
        url,
        page -> {
          page.waitForSelector(ROWS);
          page.waitForFunction(
              "() => document.getElementById('status').textContent.includes('read')");
        });
    looks.take(
        "view-story",
        url + "?table=candidates&reason=similar",
        page -> {
          page.waitForSelector(ROWS);
          page.locator(ROWS).first().click();
          page.waitForSelector("#story .pair mark");
        });
    if (!quick) {
      looks.take(
          "view-korean",
          url + "?q=%EB%B4%84%EC%97%90",
          page -> {
            page.waitForSelector(ROWS);
            page.locator(ROWS).first().click();
            page.waitForSelector(STORY);
          });
    }
  }
}
