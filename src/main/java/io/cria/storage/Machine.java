package io.cria.storage;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** This machine, and the processes that can be seen on it. */
final class Machine {
  private static final Path PROC = Path.of("/proc");
  private static final int STATE = 0;
  private static final int START_TICKS = 19;

  private Machine() {}

  static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      // a host without a name of its own: the JVM's name has what the platform knows
      return ManagementFactory.getRuntimeMXBean().getName();
    }
  }

  /**
   * One boot of one machine, and one space of process ids in it: containers may share a host's name
   * and not its processes, and machines may share a name. Empty where there is no Linux.
   */
  static String id() {
    try {
      return Files.readString(PROC.resolve("sys/kernel/random/boot_id")).strip()
          + " "
          + Files.readSymbolicLink(PROC.resolve("self/ns/pid"));
    } catch (IOException | UnsupportedOperationException e) {
      return "";
    }
  }

  /**
   * When a running process began, in the kernel's ticks since the boot, which no change of the
   * clock touches; empty where that cannot be known.
   */
  static String startOf(long pid) {
    try {
      return started(stat(pid));
    } catch (IOException e) {
      return "";
    }
  }

  /** Whether a process that began at {@code start} runs; in doubt it does. */
  static boolean isRunning(long pid, String start) {
    try {
      return started(stat(pid)).equals(start);
    } catch (IOException e) {
      // it has ended, or this process has no file to spare for looking
      return Files.exists(process(pid));
    }
  }

  private static String stat(long pid) throws IOException {
    // a command's name may hold any byte
    return Files.readString(process(pid).resolve("stat"), StandardCharsets.ISO_8859_1);
  }

  private static Path process(long pid) {
    return PROC.resolve(Long.toString(pid));
  }

  /**
   * @param stat as proc(5) has it: pid, (name), state, …; one that has ended and was not waited for
   *     runs no more
   */
  static String started(String stat) {
    String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ", -1);
    boolean ended = "ZXx".contains(fields[STATE]);
    return ended || fields.length <= START_TICKS ? "" : fields[START_TICKS];
  }
}
