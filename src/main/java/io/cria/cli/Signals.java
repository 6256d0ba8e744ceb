package io.cria.cli;

import io.cria.task.ExitCode;
import io.cria.task.OrderlyStop;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * Ctrl-C, SIGTERM and SIGHUP: the process ends with {@link ExitCode#STOPPED}, be it still starting.
 * Work that stops in order is told and waited for, unless Ctrl-C comes again. By itself the virtual
 * machine would end with 130 or 143, and hear no second signal.
 */
final class Signals {
  private static final String KEYBOARD = "INT";

  private final Consumer<String> say;
  private final IntConsumer exit;
  private final IntConsumer halt;
  private final AtomicInteger keys = new AtomicInteger();
  private final AtomicBoolean ending = new AtomicBoolean();

  /**
   * @param say a line on standard error, the last one where no work stops in order
   * @param exit ends the process by its hooks
   * @param halt ends it at once
   */
  Signals(Consumer<String> say, IntConsumer exit, IntConsumer halt) {
    this.say = say;
    this.exit = exit;
    this.halt = halt;
  }

  /** Hears them from now on. */
  void listen() {
    for (String name : List.of(KEYBOARD, "TERM", "HUP")) {
      on(name, () -> heard(name));
    }
  }

  /**
   * Called on a thread of its own for each signal; does not come back where it ends the process.
   */
  void heard(String name) {
    boolean keyboard = name.equals(KEYBOARD);
    if (keyboard && keys.incrementAndGet() > 1) {
      say.accept("left at once; what is kept is kept, and the same command goes on");
      halt.accept(ExitCode.STOPPED.code());
    }
    if (ending.getAndSet(true)) {
      return;
    }
    if (!OrderlyStop.tell(keyboard)) {
      say.accept("stopped on request");
    }
    exit.accept(ExitCode.STOPPED.code());
  }

  /**
   * Java has no other way to hear a signal than a class that the compiler refuses to name. Where it
   * is not there, or the signal is the user's own (nohup, -Xrs), all stays as it is.
   */
  private static void on(String name, Runnable action) {
    InvocationHandler handler =
        (proxy, method, arguments) -> {
          switch (method.getName()) {
            case "handle" -> action.run();
            case "hashCode" -> {
              return System.identityHashCode(proxy);
            }
            case "equals" -> {
              return proxy == arguments[0];
            }
            default -> {
              return name;
            }
          }
          return null;
        };
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handlers = Class.forName("sun.misc.SignalHandler");
      Object proxy =
          Proxy.newProxyInstance(handlers.getClassLoader(), new Class<?>[] {handlers}, handler);
      Object unused =
          signal
              .getMethod("handle", signal, handlers)
              .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
    } catch (ReflectiveOperationException e) {
      System.getLogger(Signals.class.getName())
          .log(System.Logger.Level.DEBUG, "SIG" + name + " is left to the virtual machine", e);
    }
  }
}
