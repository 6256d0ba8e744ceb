package io.cria.bench;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A growing array of bytes that is used again and again. */
final class Bytes {
  private byte[] array = new byte[1 << 14];
  private int size;

  void clear() {
    size = 0;
  }

  int size() {
    return size;
  }

  Bytes put(byte[] from, int start, int length) {
    if (size + length > array.length) {
      array = Arrays.copyOf(array, Math.max(size + length, 2 * array.length));
    }
    System.arraycopy(from, start, array, size, length);
    size += length;
    return this;
  }

  Bytes put(byte[] from) {
    return put(from, 0, from.length);
  }

  /** ASCII characters. */
  Bytes put(String text) {
    return put(text.getBytes(StandardCharsets.US_ASCII));
  }

  Bytes put(Bytes other) {
    return put(other.array, 0, other.size);
  }

  Bytes put(int number) {
    return put(Integer.toString(number));
  }

  /** Makes a small letter at {@code index} a capital one. */
  void capitalize(int index) {
    byte b = array[index];
    if (b >= 'a' && b <= 'z') {
      array[index] = (byte) (b - 'a' + 'A');
    }
  }

  /** What was put so far; a view. */
  ByteBuffer view() {
    return ByteBuffer.wrap(array, 0, size);
  }

  @Override
  public String toString() {
    return new String(array, 0, size, StandardCharsets.US_ASCII);
  }
}
