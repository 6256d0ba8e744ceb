package io.cria.parsefile;

import io.cria.storage.Location;
import io.cria.storage.WholeFile;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.NoRoom;
import io.cria.task.UserText;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
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
  public static long parse(ParseRecords.Kind kind, Location input, Location output) {
    ParseRecords records = new ParseRecords(kind);
    if (output.equals(input)) {
      throw CriaException.badInput(
          input + ": input and output are one file, and it would be lost: name another output");
    }
    try (BufferedReader reader = open(input)) {
      return parseTo(output, records, reader, input);
    } catch (CharacterCodingException e) {
      throw notUtf8(input, 1, e);
    } catch (IOException e) {
      throw failed("cannot read", input, "name a readable file of JSON lines", e);
    }
  }

  private static long parseTo(
      Location output, ParseRecords records, BufferedReader reader, Location input) {
    try (WholeFile file = output.create()) {
      long lines = write(file.stream(), output.toString().endsWith(".gz"), records, reader, input);
      file.commit();
      return lines;
    } catch (IOException e) {
      throw failed(
          "cannot write", output, "name a file in a folder that exists and is writable", e);
    }
  }

  private static long write(
      OutputStream out, boolean gzip, ParseRecords records, BufferedReader reader, Location input)
      throws IOException {
    try (Writer writer =
        new BufferedWriter(
            new OutputStreamWriter(
                gzip ? new GZIPOutputStream(out) : out, StandardCharsets.UTF_8))) {
      long number = 0;
      for (String line = next(reader, input, number); line != null; ) {
        number++;
        writer.write(parseLine(records, line, input, number));
        writer.write('\n');
        line = next(reader, input, number);
      }
      return number;
    }
  }

  private static String parseLine(ParseRecords records, String line, Location input, long number) {
    try {
      return records.parseLine(line);
    } catch (CriaException e) {
      throw new CriaException(e.exitCode(), input + ":" + number + ": " + e.getMessage(), e);
    }
  }

  private static @Nullable String next(BufferedReader reader, Location input, long linesRead) {
    try {
      return reader.readLine();
    } catch (CharacterCodingException e) {
      throw notUtf8(input, linesRead + 1, e);
    } catch (IOException e) {
      throw failed("cannot read", input, "check that the file is whole", e);
    }
  }

  private static CriaException notUtf8(Location input, long line, IOException e) {
    return failed("not UTF-8 near line " + line + " of", input, "convert it to UTF-8", e);
  }

  private static BufferedReader open(Location input) throws IOException {
    BufferedInputStream bytes = new BufferedInputStream(input.open());
    bytes.mark(2);
    boolean gzip = bytes.read() == 0x1F && bytes.read() == 0x8B;
    bytes.reset();
    InputStream text = gzip ? new GZIPInputStream(bytes) : bytes;
    return UserText.reader(text);
  }

  private static CriaException failed(String what, Location path, String remedy, IOException e) {
    String cause =
        e instanceof NoSuchFileException || e instanceof FileNotFoundException
            ? "no such file"
            : reason(e);
    return NoRoom.or(
        path.absolute(),
        e,
        () ->
            new CriaException(
                ExitCode.BAD_INPUT, what + " " + path + " (" + cause + "): " + remedy, e));
  }

  /** The system's word, such as "Is a directory"; the kind of failure where it has none. */
  private static String reason(IOException e) {
    String told = e instanceof FileSystemException file ? file.getReason() : e.getMessage();
    return told == null || told.isBlank() || told.contains("\n")
        ? e.getClass().getSimpleName()
        : told;
  }
}
