package io.cria.storage;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * What stands in a lock's file: who holds the run, or held it.
 *
 * @param owner unique for each acquisition
 * @param host of the driver
 * @param machine as {@link Machine#id}; empty where only the heartbeat tells whether it lives
 * @param pid its process id there
 * @param processStart start of that process, against reused process ids
 * @param heartbeat last sign of life, an ISO instant; the release, once released
 * @param released whether the driver gave the run back
 */
record LockRecord(
    String owner,
    String host,
    String machine,
    long pid,
    String processStart,
    String heartbeat,
    boolean released) {

  /** What can be said about a holder without watching it. */
  enum Life {
    ALIVE,
    /** No sign of life for long; its clock may be another. */
    SILENT,
    /** It gave the run back, or its process has ended. */
    GONE
  }

  LockRecord {
    Objects.requireNonNull(owner, "owner");
    Objects.requireNonNull(host, "host");
    Objects.requireNonNull(machine, "machine");
    Objects.requireNonNull(processStart, "process_start");
    Instant.parse(heartbeat);
  }

  static LockRecord ofThisProcess(String owner, Instant now) {
    long pid = ProcessHandle.current().pid();
    String start = Machine.startOf(pid);
    String machine = start.isEmpty() ? "" : Machine.id();
    return new LockRecord(owner, Machine.host(), machine, pid, start, now.toString(), false);
  }

  /** Empty when the text is no whole record: torn, or still being written. */
  static Optional<LockRecord> parse(String text) {
    try {
      return Optional.ofNullable(Json.read(text, LockRecord.class));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  LockRecord beatenAt(Instant now) {
    return new LockRecord(owner, host, machine, pid, processStart, now.toString(), false);
  }

  LockRecord releasedAt(Instant now) {
    return new LockRecord(owner, host, machine, pid, processStart, now.toString(), true);
  }

  Instant lastSign() {
    return Instant.parse(heartbeat);
  }

  /** A process of this machine lives as long as it runs; others, as long as their heart beats. */
  Life life(Instant now) {
    if (released) {
      return Life.GONE;
    }
    if (!machine.isEmpty() && machine.equals(Machine.id())) {
      return Machine.isRunning(pid, processStart) ? Life.ALIVE : Life.GONE;
    }
    Duration age = Duration.between(lastSign(), now).abs();
    return age.compareTo(RunLock.EXPIRY) < 0 ? Life.ALIVE : Life.SILENT;
  }
}
