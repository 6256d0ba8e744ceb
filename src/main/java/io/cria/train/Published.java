package io.cria.train;

import io.cria.sft.train.SftConfig;
import io.cria.shard.LocalDirectory;
import io.cria.storage.Commits;
import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import io.cria.storage.RunLock;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The checkpoints of a training in its directory: {@code checkpoints/step-00000100/ATTEMPT}, which
 * counts when its manifest stands, and goes when it is too old. Each attempt at the training writes
 * into directories of its own: one that was given up, and does not know, writes over nothing that
 * another has published. What was not written whole has no manifest, or another one than its bytes,
 * and is never gone on from.
 */
final class Published {
  private static final String UNREADABLE = "unreadable-";
  private static final String JSON = ".json";
  private static final int PIECE = 1 << 20;

  private final RunDirectory training;
  private final Commits commits;
  private final long epoch;
  private final String attempt;

  /** For the driver, which publishes none. */
  Published(RunDirectory training, long epoch) {
    this(training, epoch, "driver");
  }

  /**
   * @param training the training's directory
   * @param epoch of the driver's lock
   * @param attempt tells this attempt at the training from all others; a directory's name
   */
  Published(RunDirectory training, long epoch, String attempt) {
    this.training = training;
    this.commits = new Commits(training);
    this.epoch = epoch;
    this.attempt = attempt;
  }

  private static String unit(String name) {
    return TrainingPlace.CHECKPOINTS + "/" + name;
  }

  /**
   * Publishes a checkpoint of the local disk; those before it go, as many as are too many.
   *
   * @param kept how many stay
   * @param mayPublish asked before each file, and when all is written: whether this process still
   *     speaks for the training
   * @throws CriaException when it cannot be written; those before it stay
   */
  void publish(int step, Path checkpoint, int kept, BooleanSupplier mayPublish) {
    String unit = unit(SftConfig.checkpointName(step));
    Optional<Manifest> before = before(unit);
    if (before.isPresent() && isSame(unit, before.get(), checkpoint)) {
      return;
    }
    String directory = unit + "/" + attempt;
    if (mayPublish.getAsBoolean()) {
      training.delete(directory);
    }
    Optional<List<Manifest.File>> files = upload(checkpoint, directory, mayPublish);
    if (files.isEmpty() || !mayPublish.getAsBoolean()) {
      return;
    }
    commits.publish(
        unit,
        Map.of(),
        new Manifest(
            Manifest.FORMAT, epoch, "train", 1, "", "", List.of(), files.get(), Map.of(), null));
    List<String> all = names();
    for (String old : all.subList(0, Math.max(0, all.size() - kept))) {
      withdraw(unit(old));
    }
  }

  /** What is published there; one that cannot be read is written over. */
  private Optional<Manifest> before(String unit) {
    try {
      return commits.manifest(unit);
    } catch (CriaException e) {
      if (e.exitCode() != ExitCode.RUN_REFUSED) {
        throw e;
      }
      return Optional.empty();
    }
  }

  /** A training that stops as soon as it goes on saves the checkpoint that it began with. */
  private boolean isSame(String unit, Manifest manifest, Path checkpoint) {
    for (Manifest.File file : manifest.files()) {
      Path own = checkpoint.resolve(below(unit, file));
      try {
        if (!Files.exists(own)
            || !copy(Files.newInputStream(own), null, () -> {}).equals(file.sha256())) {
          return false;
        }
      } catch (IOException e) {
        throw unwritten(training.path(unit), e);
      }
    }
    return true;
  }

  /** The name of a file in its checkpoint: below the unit and the directory of an attempt. */
  private static String below(String unit, Manifest.File file) {
    return file.name().substring(file.name().indexOf('/', unit.length() + 1) + 1);
  }

  private void withdraw(String unit) {
    commits.withdraw(unit, epoch);
    training.delete(unit);
  }

  /** The checkpoints with a manifest, by steps. */
  private List<String> names() {
    return names(SftConfig.CHECKPOINT);
  }

  private List<String> names(String prefix) {
    return training.list("_manifests/" + TrainingPlace.CHECKPOINTS).stream()
        .filter(name -> name.startsWith(prefix) && name.endsWith(JSON))
        .map(name -> name.substring(0, name.length() - JSON.length()))
        .toList();
  }

  /**
   * Removes directories that no manifest stands for. Only for the holder of the lock, before there
   * are ranks.
   */
  void sweep() {
    List<String> whole = names();
    List<String> unreadable = names(UNREADABLE);
    for (String name : training.list(TrainingPlace.CHECKPOINTS)) {
      if (unreadable.contains(UNREADABLE + name)) {
        continue;
      }
      if (whole.contains(name)) {
        before(unit(name)).ifPresent(manifest -> sweep(unit(name), manifest));
      } else {
        training.delete(unit(name));
      }
    }
  }

  /** What attempts that were given up have left beside a checkpoint. */
  private void sweep(String unit, Manifest manifest) {
    for (String name : training.list(unit)) {
      String directory = unit + "/" + name;
      if (manifest.files().stream().noneMatch(file -> file.name().startsWith(directory + "/"))) {
        training.delete(directory);
      }
    }
  }

  /**
   * Fetches the newest checkpoint that can be read. Those after it are set aside with a message:
   * who misreads may be this host, so that nothing is removed.
   *
   * @param into a directory on the local disk, to hold the checkpoint's
   * @param alive asked all the time: throws when this is no longer wanted
   * @return its name; empty where none was ever published
   * @throws CriaException ({@link ExitCode#RUN_REFUSED}) when there are some, and none can be read
   */
  Optional<String> fetchNewest(Path into, Runnable alive, Consumer<String> messages) {
    List<String> names = names();
    List<String> unread = new ArrayList<>();
    String reason = "";
    for (int i = names.size() - 1; i >= 0; i--) {
      Optional<String> why = fetch(names.get(i), into, alive);
      if (why.isEmpty()) {
        unread.forEach(name -> setAside(name, messages));
        return Optional.of(names.get(i));
      }
      unread.add(names.get(i));
      reason = reason.isEmpty() ? why.get() : reason;
    }
    if (names.isEmpty() && names(UNREADABLE).isEmpty()) {
      return Optional.empty();
    }
    throw new CriaException(
        ExitCode.RUN_REFUSED,
        training.path(TrainingPlace.CHECKPOINTS)
            + ": no checkpoint can be read"
            + (reason.isEmpty() ? "" : " (" + reason + ")")
            + ": look at the store and give the same command again, or remove "
            + training.root()
            + " to train from the start");
  }

  /** Its files stay where they are, and no later one counts it. */
  private void setAside(String name, Consumer<String> messages) {
    String aside = unit(UNREADABLE + name);
    if (RunLock.isHeldByAnother(training, epoch)) {
      throw new CriaException(
          ExitCode.RUN_REFUSED,
          training.root() + ": another driver took this training over: this one stops");
    }
    training.rename(Commits.path(unit(name)), Commits.path(aside));
    messages.accept(
        "checkpoint "
            + name
            + " cannot be read and is set aside (its manifest is "
            + Commits.path(aside)
            + " now)");
  }

  /** Fetches a checkpoint, at the second try where need be. Returns why not, or nothing. */
  private Optional<String> fetch(String name, Path into, Runnable alive) {
    Optional<String> why = fetched(name, into, alive);
    return why.isEmpty() ? why : fetched(name, into, alive);
  }

  private Optional<String> fetched(String name, Path into, Runnable alive) {
    Path place = into.resolve(name);
    boolean whole = false;
    try {
      Optional<Manifest> manifest = commits.manifest(unit(name));
      if (manifest.isEmpty()) {
        return Optional.of(training.path(unit(name)) + " is not there");
      }
      for (Manifest.File file : manifest.get().files()) {
        download(training, file, place.resolve(below(unit(name), file)), alive);
      }
      whole = true;
      return Optional.empty();
    } catch (CriaException e) {
      if (e.exitCode() != ExitCode.RUN_REFUSED) {
        throw e;
      }
      return Optional.of(String.valueOf(e.getMessage()));
    } finally {
      if (!whole) {
        // the process goes on from the newest that it finds
        remove(place);
      }
    }
  }

  private static void remove(Path place) {
    try {
      LocalDirectory.delete(place);
    } catch (IOException e) {
      throw new UncheckedIOException(place + " cannot be removed", e);
    }
  }

  /**
   * Copies a directory of the local disk into the training's.
   *
   * @param may asked before each file
   * @return its files, named from the training's directory; empty when it might not go on
   */
  Optional<List<Manifest.File>> upload(Path directory, String to, BooleanSupplier may) {
    List<Manifest.File> files = new ArrayList<>();
    try (Stream<Path> walk = Files.walk(directory)) {
      for (Path file : walk.filter(Files::isRegularFile).sorted().toList()) {
        if (!may.getAsBoolean()) {
          return Optional.empty();
        }
        String name = to + "/" + directory.relativize(file).toString().replace('\\', '/');
        files.add(uploadFile(file, name));
      }
    } catch (IOException | UncheckedIOException e) {
      throw unwritten(training.path(to), e);
    }
    return Optional.of(files);
  }

  /** Copies a file of the local disk into the training's directory. */
  private Manifest.File uploadFile(Path file, String name) {
    MessageDigest digest = sha256();
    try (OutputStream out = new DigestOutputStream(training.create(name), digest)) {
      long bytes = Files.copy(file, out);
      return new Manifest.File(name, -1, bytes, HexFormat.of().formatHex(digest.digest()));
    } catch (IOException e) {
      throw unwritten(training.path(name), e);
    }
  }

  /**
   * Fetches a file, whose bytes must be those of the manifest.
   *
   * @param alive asked all the time: throws when this is no longer wanted
   * @throws CriaException ({@link ExitCode#RUN_REFUSED}) when they are not
   */
  static void download(RunDirectory from, Manifest.File file, Path to, Runnable alive) {
    String found;
    try {
      Files.createDirectories(Objects.requireNonNull(to.getParent(), "it is below one"));
      found = copy(from.open(file.name()), to, alive);
    } catch (IOException e) {
      throw new CriaException(
          ExitCode.FAULT,
          from.path(file.name())
              + ": cannot be fetched to "
              + to
              + " ("
              + e.getMessage()
              + "): free space there, or look at the store",
          e);
    }
    if (!found.equals(file.sha256())) {
      throw new CriaException(
          ExitCode.RUN_REFUSED,
          from.path(file.name())
              + ": its bytes are not those of its manifest (SHA-256 "
              + found.substring(0, 8)
              + ", not "
              + file.sha256().substring(0, Math.min(8, file.sha256().length()))
              + "): it was changed or not written whole; write it again");
    }
  }

  /**
   * Copies to a file, or nowhere, and closes what it reads.
   *
   * @param alive asked before each piece: throws when this is no longer wanted
   * @return the SHA-256
   */
  static String copy(InputStream from, @Nullable Path to, Runnable alive) throws IOException {
    MessageDigest digest = sha256();
    byte[] piece = new byte[PIECE];
    try (InputStream in = new DigestInputStream(from, digest);
        OutputStream out =
            to == null ? OutputStream.nullOutputStream() : Files.newOutputStream(to)) {
      for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
        alive.run();
        out.write(piece, 0, read);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static CriaException unwritten(String what, Exception e) {
    return new CriaException(
        ExitCode.FAULT,
        what
            + ": cannot be written ("
            + e.getMessage()
            + "): make room there, and give the same command again; the checkpoints before it stay",
        e);
  }
}
