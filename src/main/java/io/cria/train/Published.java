package io.cria.train;

import io.cria.storage.Commits;
import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
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
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The checkpoints of a training in its directory: {@code checkpoints/step-00000100}, which counts
 * when its manifest stands, and goes when it is too old. What was not written whole has no
 * manifest, or another one than its bytes, and is never gone on from.
 */
final class Published {
  private static final String PREFIX = "step-";

  private final RunDirectory training;
  private final Commits commits;
  private final long epoch;

  /**
   * @param training the training's directory
   * @param epoch of the driver's lock
   */
  Published(RunDirectory training, long epoch) {
    this.training = training;
    this.commits = new Commits(training);
    this.epoch = epoch;
  }

  /** The name of a checkpoint after so many steps. */
  static String name(int step) {
    return String.format(Locale.ROOT, PREFIX + "%08d", step);
  }

  private static String unit(String name) {
    return TrainingPlace.CHECKPOINTS + "/" + name;
  }

  /**
   * Publishes a checkpoint of the local disk; those before it go, as many as are too many.
   *
   * @param kept how many stay
   * @param mayPublish asked when all is written: whether this process still speaks for the training
   * @throws CriaException when it cannot be written; those before it stay
   */
  void publish(int step, Path checkpoint, int kept, BooleanSupplier mayPublish) {
    String unit = unit(name(step));
    if (isThere(unit, checkpoint)) {
      return;
    }
    withdraw(unit);
    List<Manifest.File> files = upload(checkpoint, unit);
    if (!mayPublish.getAsBoolean()) {
      return;
    }
    commits.publish(
        unit,
        Map.of(),
        new Manifest(Manifest.FORMAT, epoch, "train", 1, "", "", List.of(), files, Map.of(), null));
    List<String> all = names();
    for (String old : all.subList(0, Math.max(0, all.size() - kept))) {
      withdraw(unit(old));
    }
  }

  /** A training that stops as soon as it goes on saves the checkpoint that it began with. */
  private boolean isThere(String unit, Path checkpoint) {
    Optional<Manifest> manifest = commits.manifest(unit);
    if (manifest.isEmpty()) {
      return false;
    }
    for (Manifest.File file : manifest.get().files()) {
      Path own = checkpoint.resolve(file.name().substring(unit.length() + 1));
      try {
        if (!Files.exists(own) || !copy(Files.newInputStream(own), null).equals(file.sha256())) {
          return false;
        }
      } catch (IOException e) {
        throw unwritten(training.path(unit), e);
      }
    }
    return true;
  }

  private void withdraw(String unit) {
    commits.withdraw(unit, epoch);
    training.delete(unit);
  }

  /** The checkpoints with a manifest, by steps. */
  private List<String> names() {
    return training.list("_manifests/" + TrainingPlace.CHECKPOINTS).stream()
        .filter(name -> name.startsWith(PREFIX) && name.endsWith(".json"))
        .map(name -> name.substring(0, name.length() - ".json".length()))
        .toList();
  }

  /** Removes directories that no manifest stands for. Only for the holder of the lock. */
  void sweep() {
    List<String> whole = names();
    for (String name : training.list(TrainingPlace.CHECKPOINTS)) {
      if (!whole.contains(name)) {
        training.delete(unit(name));
      }
    }
  }

  /**
   * A checkpoint that lies on the local disk.
   *
   * @param name for example {@code step-00000100}
   * @param digest of its manifest
   */
  record Fetched(String name, String digest, Path directory) {}

  /**
   * Fetches the newest checkpoint that is whole; broken ones are removed with a message, so that
   * they do not count among those that stay.
   *
   * @param into a directory on the local disk, to hold the checkpoint's
   */
  Optional<Fetched> fetchNewest(Path into, Consumer<String> messages) {
    List<String> names = names();
    for (int i = names.size() - 1; i >= 0; i--) {
      try {
        Optional<Fetched> fetched = fetch(names.get(i), into);
        if (fetched.isPresent()) {
          return fetched;
        }
      } catch (CriaException e) {
        if (e.exitCode() != ExitCode.RUN_REFUSED) {
          throw e;
        }
        withdraw(unit(names.get(i)));
        messages.accept(
            "checkpoint " + names.get(i) + " is not whole and is removed (" + e.getMessage() + ")");
      }
    }
    return Optional.empty();
  }

  /**
   * Fetches a checkpoint; empty where it is not published.
   *
   * @throws CriaException ({@link ExitCode#RUN_REFUSED}) when its files are not those of its
   *     manifest
   */
  Optional<Fetched> fetch(String name, Path into) {
    Optional<Manifest> manifest = commits.manifest(unit(name));
    if (manifest.isEmpty()) {
      return Optional.empty();
    }
    Path directory = into.resolve(name);
    for (Manifest.File file : manifest.get().files()) {
      String below = file.name().substring(unit(name).length() + 1);
      download(training, file, directory.resolve(below));
    }
    return Optional.of(new Fetched(name, manifest.get().digest(), directory));
  }

  /**
   * Copies a directory of the local disk into the training's.
   *
   * @return its files, named from the training's directory
   */
  List<Manifest.File> upload(Path directory, String to) {
    List<Manifest.File> files = new ArrayList<>();
    try (Stream<Path> walk = Files.walk(directory)) {
      for (Path file : walk.filter(Files::isRegularFile).sorted().toList()) {
        String name = to + "/" + directory.relativize(file).toString().replace('\\', '/');
        files.add(uploadFile(file, name));
      }
    } catch (IOException | UncheckedIOException e) {
      throw unwritten(training.path(to), e);
    }
    return files;
  }

  /** Copies a file of the local disk into the training's directory. */
  Manifest.File uploadFile(Path file, String name) {
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
   * @throws CriaException ({@link ExitCode#RUN_REFUSED}) when they are not
   */
  static void download(RunDirectory from, Manifest.File file, Path to) {
    String found;
    try {
      Files.createDirectories(java.util.Objects.requireNonNull(to.getParent(), "it is below one"));
      found = copy(from.open(file.name()), to);
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

  /** Copies to a file, or nowhere, and closes what it reads. Returns the SHA-256. */
  static String copy(InputStream from, @Nullable Path to) throws IOException {
    MessageDigest digest = sha256();
    try (InputStream in = new DigestInputStream(from, digest);
        OutputStream out =
            to == null ? OutputStream.nullOutputStream() : Files.newOutputStream(to)) {
      in.transferTo(out);
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
