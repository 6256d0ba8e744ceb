package io.cria.browser;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Playwright;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Drives the pages in Chromium, headless: what people do there, how it looks, and whether all can
 * use it.
 */
final class BrowserTest {
  private static final int PAIRS = 20;

  private BrowserTest() {}

  /**
   * @param args the browser's program, a run, a folder to work in, one for the pictures, whether to
   *     be quick, the addresses of two demos, without and with a password, and that of a report
   */
  public static void main(String[] args) throws Exception {
    Path run = Path.of(args[1]);
    Path work = Path.of(args[2]);
    Path pictures = Files.createDirectories(Path.of(args[3]));
    boolean quick = args[4].equals("quick");
    Path log = work.resolve("log");
    try (Models models = Models.start();
        Served view = Served.start(log, "view", run.toString());
        Served review =
            Served.start(
                log, "review", run.toString(), "--name", "first", "--sample", "12", "--page");
        Playwright playwright =
            Playwright.create(new Playwright.CreateOptions().setEnv(Looks.environment()));
        Browser browser =
            playwright
                .chromium()
                .launch(
                    new BrowserType.LaunchOptions()
                        .setExecutablePath(Path.of(args[0]))
                        .setArgs(List.of("--no-sandbox")))) {
      Looks looks = new Looks(browser, pictures);
      Path conf = models.evaluation(work, PAIRS);
      Path compared = work.resolve("compared");
      told(
          "pairs judged, one taken back, the server killed and resumed",
          () ->
              new JudgingScene(
                      looks,
                      compared,
                      port ->
                          Served.start(
                              log,
                              "evaluate",
                              conf.toString(),
                              "--run",
                              compared.toString(),
                              "--page",
                              "--port",
                              port))
                  .play(quick));
      told("a run looked through", () -> new ViewScene(looks, view.url()).play());
      told("its pictures", () -> new ViewScene(looks, view.url()).pictures(quick));
      ReportScene report = new ReportScene(looks, args[7]);
      told("a report read", report::play);
      told("its pictures", () -> report.pictures(quick));
      told("a model chatted with", () -> new DemoScene(looks, args[5], args[6]).play());
      told("its pictures", () -> new DemoScene(looks, args[5], args[6]).pictures(quick));
      told("three questions on examples", () -> review(looks, review.url()));
      if (!quick) {
        told(
            "levels",
            () -> {
              try (Served levels =
                  Served.start(
                      log,
                      "evaluate",
                      conf.toString(),
                      "--run",
                      compared.toString(),
                      "--page",
                      "--set",
                      "mode=levels",
                      "--as",
                      "anna")) {
                looks.take(
                    "judge-level",
                    levels.url(),
                    page -> page.waitForSelector("#asked .choices button"));
              }
            });
      }
      looks.wrong().forEach(each -> System.out.println("WRONG   " + each));
      System.out.println(looks.taken() + " pictures in " + pictures);
      if (!looks.wrong().isEmpty()) {
        System.exit(1);
      }
    }
  }

  private static void review(Looks looks, String url) {
    looks.take(
        "judge-review",
        url,
        page -> {
          boolean dark =
              Boolean.TRUE.equals(
                  page.evaluate("() => matchMedia('(prefers-color-scheme: dark)').matches"));
          String name = (dark ? "dora " : "leo ") + page.viewportSize().width;
          page.waitForSelector("#name");
          page.fill("#name", name);
          page.keyboard().press("Enter");
          page.waitForSelector("#asked .choices button");
          for (String key : List.of("y", "y", "n")) {
            page.keyboard().press(key);
          }
          page.waitForFunction("() => document.getElementById('count').textContent === '1 of 12'");
          page.keyboard().press("y");
          page.waitForSelector("#asked button[aria-pressed=true]");
        });
  }

  /** A scene of the test. */
  @FunctionalInterface
  private interface Scene {
    void play() throws Exception;
  }

  private static void told(String what, Scene scene) throws Exception {
    long begun = System.nanoTime();
    scene.play();
    System.out.printf("ok      %2d s  %s%n", (System.nanoTime() - begun) / 1_000_000_000, what);
  }
}
