package io.cria.serve.demo;

import io.cria.page.Door;
import io.cria.page.PageServer;
import io.cria.page.Password;
import io.cria.task.Decoding;
import io.cria.task.Terms;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A demo for a browser to be driven on, its model a script. */
final class ScriptedDemo {
  private static final int OFTEN = 1000;
  private static final long PIECE_NANOS = TimeUnit.MILLISECONDS.toNanos(4);

  private ScriptedDemo() {}

  /**
   * Serves two, without and with a password, and prints their addresses on one line.
   *
   * @param args a folder to work in
   */
  public static void main(String[] args) throws Exception {
    Path word = Files.writeString(Path.of(args[0]).resolve("word"), "woolly-alpaca-7\n");
    Path own = Files.setPosixFilePermissions(word, PosixFilePermissions.fromString("rw-------"));
    try (PageServer open = serve(null);
        PageServer closed = serve(Password.read(own))) {
      System.out.println(open.url() + " " + closed.url());
      new CountDownLatch(1).await();
    }
  }

  private static PageServer serve(@Nullable Password password) {
    WritingBackend backend = new WritingBackend();
    backend.answer = ScriptedDemo::answer;
    backend.pause = () -> LockSupport.parkNanos(PIECE_NANOS);
    Terms card =
        new Terms(
            "cc-by-nc-4.0",
            "The provider forbids training models that compete with its own on these texts.",
            "연구와 교육을 위한 모형입니다. 의료, 법률 조언에는 쓰지 마세요.",
            "the makers of the seed tasks");
    Decoding decoding =
        new Decoding(256, 0.7, 0.95, null, null, null, null, List.of(), Map.of(), null);
    DemoPage page =
        new DemoPage(
            backend,
            ShippedModeration.RULES,
            new DemoTerms("cria-tiny", card),
            decoding,
            OFTEN,
            Clock.systemUTC());
    Door door = new Door("127.0.0.1", 0, List.of(), password, false);
    return PageServer.start(page.routes(), door, Clock.systemUTC());
  }

  private static String answer(String asked) {
    if (asked.contains("angry")) {
      return "He put down his cup. He looked at her for a long time. I will kill you, he said. Then he"
          + " left.";
    }
    if (asked.contains("long")) {
      return "It goes on and on. ".repeat(200);
    }
    if (asked.matches("(?s).*[가-힣].*")) {
      return "알파카 털은 가볍고 따뜻합니다. 양털보다 기름기가 적어서 세탁하기도 쉽지요!\n\n다만 다음을 조심하세요.\n1. 미지근한 물에서 손으로"
          + " 빱니다.\n2. 비틀어 짜지 않습니다.\n3. 그늘에서 눕혀 말립니다.";
    }
    return "Here is a loop that counts to three, e.g. for Dr. Woolly:\n\n```python\nfor n in"
        + " range(1, 4):\n    print(f\"{n}. alpaca\")  # a comment that is so long that a phone has to"
        + " scroll it sideways\n```\n\nIt prints one line for each. Ask kim.minsu@mail.kr if it does"
        + " not.";
  }
}
