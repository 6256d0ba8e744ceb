package io.cria.task;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Texts as people's files hold them: UTF-8, with or without the byte order mark that editors put at
 * the beginning. Bytes that are not UTF-8 are an {@link java.nio.charset.CharacterCodingException}.
 */
public final class UserText {
  private static final char BYTE_ORDER_MARK = '\uFEFF';

  private UserText() {}

  /** A whole file, a mark at its beginning included. */
  public static String whole(byte[] bytes) throws IOException {
    return decoder().decode(ByteBuffer.wrap(bytes)).toString();
  }

  /** A whole file on this machine. */
  public static String read(Path file) throws IOException {
    return withoutMark(whole(Files.readAllBytes(file)));
  }

  /** The lines of a file on this machine. */
  public static List<String> lines(Path file) throws IOException {
    return read(file).lines().toList();
  }

  /** A file from its beginning; closing the reader closes the stream. */
  public static BufferedReader reader(InputStream in) throws IOException {
    BufferedReader reader = new BufferedReader(new InputStreamReader(in, decoder()));
    reader.mark(1);
    if (reader.read() != BYTE_ORDER_MARK) {
      reader.reset();
    }
    return reader;
  }

  /** A text without the mark that it may begin with. */
  public static String withoutMark(String text) {
    return !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK ? text.substring(1) : text;
  }

  private static CharsetDecoder decoder() {
    return StandardCharsets.UTF_8
        .newDecoder()
        .onMalformedInput(CodingErrorAction.REPORT)
        .onUnmappableCharacter(CodingErrorAction.REPORT);
  }
}
