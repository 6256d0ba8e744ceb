package io.cria.cli;

import io.cria.page.Door;
import io.cria.page.PageServer;
import io.cria.page.Routes;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.time.Clock;
import java.util.concurrent.CountDownLatch;

/** Pages that a command serves until its process is ended. */
final class ServedPage {
  private ServedPage() {}

  /**
   * Prints the address and waits.
   *
   * @param port 0 for any free one
   * @param what is served, for the user
   * @param behind closed with the server
   */
  static ExitCode untilEnded(
      CriaCommand command, Routes routes, int port, String what, Runnable behind) {
    return untilEnded(command, routes, Door.loopback(port), what, behind);
  }

  /**
   * As the other, wherever the door is.
   *
   * @param door where it listens and who is let in
   */
  static ExitCode untilEnded(
      CriaCommand command, Routes routes, Door door, String what, Runnable behind) {
    try (PageServer server = PageServer.start(routes, door, Clock.systemUTC())) {
      Runtime.getRuntime().addShutdownHook(new Thread(server::close, "cria-page-close"));
      Runtime.getRuntime().addShutdownHook(new Thread(behind, "cria-page-behind"));
      command.say(what + "; " + reach(door) + ", Ctrl-C ends it");
      command.out().println(server.url());
      command.out().flush();
      new CountDownLatch(1).await();
      return ExitCode.DONE;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CriaException(ExitCode.STOPPED, "the page: interrupted", e);
    } finally {
      behind.run();
    }
  }

  private static String reach(Door door) {
    if (door.isLoopback()) {
      return "only this machine reaches it";
    }
    return door.behindProxy()
        ? "visitors come through the proxy"
        : "other machines reach it by plain HTTP, the password too: on a network that is not yours"
            + " put a proxy with TLS before it";
  }
}
