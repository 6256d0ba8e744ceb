package io.cria.browser;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;

/** A model chatted with: terms, answers, what is held back, a stop, and the password. */
final class DemoScene {
  private static final String MESSAGE = "#message";
  private static final String READY = "#send:not([hidden])";

  private final Looks looks;
  private final String open;
  private final String closed;

  /**
   * @param open the address of a demo without a password
   * @param closed of one that asks for it
   */
  DemoScene(Looks looks, String open, String closed) {
    this.looks = looks;
    this.open = open;
    this.closed = closed;
  }

  void play() {
    Page page = looks.open(1440, 900, ColorScheme.LIGHT);
    page.navigate(open);
    agree(page);
    ask(page, "Count to three.");
    Looks.same("code", 1, page.locator(".said.model pre").count());
    Looks.same("masked", false, page.locator("#talk").textContent().contains("kim.minsu@mail.kr"));
    ask(page, "Write an angry scene.");
    page.waitForSelector(".said.model .held");
    Looks.same("held back", false, page.textContent("#talk").contains("kill you"));
    ask(page, "I will kill you tonight.");
    page.waitForSelector("text=This was not sent to the model");
    page.fill(MESSAGE, "Tell a long story.");
    page.keyboard().press("Enter");
    page.waitForSelector("text=It goes on and on.");
    page.keyboard().press("Escape");
    page.waitForSelector("text=You stopped it here.");
    page.waitForSelector(READY);
    page.reload();
    page.waitForSelector(MESSAGE);
    Looks.same("messages after a reload", 0, page.locator(".said").count());
    page.context().close();
  }

  private static void agree(Page page) {
    page.waitForSelector("#accept");
    page.click("#accept");
    page.waitForSelector(MESSAGE);
  }

  /** Types a message, and waits until its answer is at its end. */
  private static void ask(Page page, String message) {
    int before = page.locator(".said.model").count();
    page.fill(MESSAGE, message);
    page.keyboard().press("Enter");
    page.waitForFunction(
        "before => document.querySelectorAll('.said.model').length > before"
            + " && !document.getElementById('send').hidden",
        before);
  }

  void pictures(boolean quick) {
    looks.take("demo-terms", open, page -> page.waitForSelector("#accept"));
    looks.take(
        "demo-code",
        open,
        page -> {
          agree(page);
          ask(page, "Count to three, please.");
        });
    looks.take(
        "demo-korean",
        open,
        page -> {
          agree(page);
          ask(page, "알파카 털옷은 어떻게 빨아야 하나요?");
          ask(page, "Write an angry scene.");
        });
    looks.take("demo-password", closed, page -> page.waitForSelector("#password"));
    if (!quick) {
      looks.take(
          "demo-wrong-password",
          closed,
          page -> {
            page.waitForSelector("#password");
            page.fill("#password", "sheep");
            page.keyboard().press("Enter");
            page.waitForSelector(".alert");
            page.fill("#password", "woolly-alpaca-7");
            page.keyboard().press("Enter");
            agree(page);
          });
      looks.take(
          "demo-terms-again",
          open,
          page -> {
            agree(page);
            page.click("#terms");
            page.waitForSelector("#shown[open]");
          });
    }
  }
}
