package io.cria.parsefile;

import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Reader;
import java.io.Writer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Runs {@link ParseRecords} over a file of JSON lines: UTF-8, gzip recognised by its first bytes;
 * the output is gzip when its name ends in {@code .gz}. It appears under its name only when it is
 * whole.
 */
public final class ParseFile {
  private ParseFile() {}

  /**
   * Writes one result a line, in the input's order.
   *
   * @return the number of lines
   * @throws CriaException naming file and line when a record does not fit or a file cannot be read
   *     or written
   */
  public static long parse(ParseRecords.Kind kind, Path input, Path output) {
    ParseRecords records = new ParseRecords(kind);
    Path target = output.toAbsolutePath();
    if (target.normalize().equals(input.toAbsolutePath().normalize())) {
      throw CriaException.badInput(
          input + ": input and output are one file, and it would be lost: name another output");
    }
    Path unfinished =
        target.resolveSibling(
            "." + target.getFileName() + "." + ProcessHandle.current().pid() + ".tmp");
    try (BufferedReader reader = open(input)) {
      long lines = parseTo(unfinished, target, records, reader, input);
      move(unfinished, target);
      return lines;
    } catch (IOException e) {
      throw failed("cannot read", input, "name a readable file of JSON lines", e);
    } finally {
      remove(unfinished);
    }
  }

  private static long parseTo(
      Path unfinished, Path target, ParseRecords records, BufferedReader reader, Path input) {
    try (Writer writer = create(unfinished, target.toString().endsWith(".gz"))) {
      long number = 0;
      for (String line = next(reader, input, number); line != null; ) {
        number++;
        writer.write(parseLine(records, line, input, number));
        writer.write('\n');
        line = next(reader, input, number);
      }
      return number;
    } catch (IOException e) {
      throw failed(
          "cannot write", target, "name a file in a folder that exists and is writable", e);
    }
  }

  private static String parseLine(ParseRecords records, String line, Path input, long number) {
    try {
      return records.parseLine(line);
    } catch (CriaException e) {
      throw new CriaException(e.exitCode(), input + ":" + number + ": " + e.getMessage(), e);
    }
  }

  private static @Nullable String next(BufferedReader reader, Path input, long linesRead) {
    try {
      return reader.readLine();
    } catch (CharacterCodingException e) {
      throw failed(
          "not UTF-8 near line " + (linesRead + 1) + " of", input, "convert it to UTF-8", e);
    } catch (IOException e) {
      throw failed("cannot read", input, "check that the file is whole", e);
    }
  }

  private static BufferedReader open(Path input) throws IOException {
    BufferedInputStream bytes = new BufferedInputStream(Files.newInputStream(input));
    bytes.mark(2);
    boolean gzip = bytes.read() == 0x1F && bytes.read() == 0x8B;
    bytes.reset();
    InputStream text = gzip ? new GZIPInputStream(bytes) : bytes;
    Reader decoder =
        new InputStreamReader(
            text,
            StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT));
    return new BufferedReader(decoder);
  }

  private static Writer create(Path path, boolean gzip) throws IOException {
    OutputStream bytes = Files.newOutputStream(path);
    return new BufferedWriter(
        new OutputStreamWriter(gzip ? new GZIPOutputStream(bytes) : bytes, StandardCharsets.UTF_8));
  }

  private static void move(Path unfinished, Path target) {
    try {
      Files.move(
          unfinished, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw failed("cannot write", target, "name a file, not a folder", e);
    }
  }

  private static void remove(Path unfinished) {
    try {
      Files.deleteIfExists(unfinished);
    } catch (IOException e) {
      throw failed("cannot remove", unfinished, "remove it by hand", e);
    }
  }

  private static CriaException failed(String what, Path path, String remedy, IOException e) {
    String cause = e instanceof NoSuchFileException ? "no such file" : e.getClass().getSimpleName();
    return new CriaException(
        ExitCode.BAD_INPUT, what + " " + path + " (" + cause + "): " + remedy, e);
  }
}
