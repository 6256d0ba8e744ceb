package io.cria.dedup;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.LongWritable;
import org.apache.hadoop.io.Text;
import org.apache.hadoop.mapred.FileSplit;
import org.apache.hadoop.mapred.InputSplit;
import org.apache.hadoop.util.LineReader;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.api.java.function.Function2;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;
import scala.Tuple2;

/** Where the text of JSON records comes from: lines of splits, or elements of arrays. */
final class JsonLines {
  static final String NOT_UTF_8 = "the line is not valid UTF-8: save the file in UTF-8";

  private JsonLines() {}

  /**
   * A record as it is written.
   *
   * @param text null when it is not UTF-8
   * @param line of the partition, from 1; of the file for an array
   */
  record Line(@Nullable String text, long line) implements Serializable {}

  /** Lines of a split that are not blank. */
  static final class Lines
      implements Function2<InputSplit, Iterator<Tuple2<LongWritable, Text>>, Iterator<Line>> {
    private static final long serialVersionUID = 1L;

    @Override
    public Iterator<Line> call(InputSplit split, Iterator<Tuple2<LongWritable, Text>> lines) {
      return new Visible(lines);
    }
  }

  private static final class Visible implements Iterator<Line> {
    private final Iterator<Tuple2<LongWritable, Text>> lines;
    private long number;
    private @Nullable Line next;

    Visible(Iterator<Tuple2<LongWritable, Text>> lines) {
      this.lines = lines;
    }

    @Override
    public boolean hasNext() {
      while (next == null && lines.hasNext()) {
        number++;
        next = line(lines.next()._2());
      }
      return next != null;
    }

    private @Nullable Line line(Text text) {
      if (!isUtf8(text)) {
        return new Line(null, number);
      }
      String line = text.toString();
      int end = line.endsWith("\r") ? line.length() - 1 : line.length();
      return line.isBlank() ? null : new Line(line.substring(0, end), number);
    }

    @Override
    public Line next() {
      if (!hasNext() || next == null) {
        throw new NoSuchElementException();
      }
      Line line = next;
      next = null;
      return line;
    }
  }

  record SliceOfFile(String file, long lines) implements Serializable {}

  static final class Count
      implements Function2<
          InputSplit, Iterator<Tuple2<LongWritable, Text>>, Iterator<SliceOfFile>> {
    private static final long serialVersionUID = 1L;

    @Override
    public Iterator<SliceOfFile> call(
        InputSplit split, Iterator<Tuple2<LongWritable, Text>> lines) {
      long count = 0;
      while (lines.hasNext()) {
        lines.next();
        count++;
      }
      String file = split instanceof FileSplit part ? part.getPath().toString() : split.toString();
      return List.of(new SliceOfFile(file, count)).iterator();
    }
  }

  /** Elements of the array in each file. */
  static final class Elements implements FlatMapFunction<Iterator<String>, Line> {
    private static final long serialVersionUID = 1L;

    private final SerializableConfiguration hadoop;

    Elements(SerializableConfiguration hadoop) {
      this.hadoop = hadoop;
    }

    @Override
    public Iterator<Line> call(Iterator<String> files) throws IOException {
      Configuration configuration = hadoop.value();
      Path file = new Path(files.next());
      Reader reader =
          new InputStreamReader(
              InputFiles.open(file.getFileSystem(configuration), file, configuration),
              StandardCharsets.UTF_8
                  .newDecoder()
                  .onMalformedInput(CodingErrorAction.REPORT)
                  .onUnmappableCharacter(CodingErrorAction.REPORT));
      org.apache.spark.TaskContext.get()
          .addTaskCompletionListener(
              (org.apache.spark.util.TaskCompletionListener) task -> closeQuietly(reader));
      JsonElements elements = new JsonElements(new java.io.BufferedReader(reader, 1 << 16));
      return new Iterator<>() {
        @Override
        public boolean hasNext() {
          try {
            return elements.hasNext();
          } catch (UncheckedIOException e) {
            if (e.getCause() instanceof CharacterCodingException) {
              throw new JsonElements.Malformed(badLine(file, configuration), NOT_UTF_8);
            }
            throw e;
          }
        }

        @Override
        public Line next() {
          JsonElements.Element element = elements.next();
          return new Line(element.text(), element.line());
        }
      };
    }

    /** The first line that is no UTF-8; the decoder has read on beyond it. */
    private static long badLine(Path file, Configuration configuration) {
      try (LineReader lines =
          new LineReader(InputFiles.open(file.getFileSystem(configuration), file, configuration))) {
        Text line = new Text();
        long number = 0;
        while (lines.readLine(line) > 0) {
          number++;
          if (!isUtf8(line)) {
            return number;
          }
        }
        return number;
      } catch (IOException e) {
        throw new UncheckedIOException("an input cannot be read again", e);
      }
    }

    private static void closeQuietly(Reader reader) {
      try {
        reader.close();
      } catch (IOException e) {
        throw new UncheckedIOException("an input cannot be closed", e);
      }
    }
  }

  private static boolean isUtf8(Text text) {
    try {
      Text.validateUTF8(text.getBytes(), 0, text.getLength());
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }
}
