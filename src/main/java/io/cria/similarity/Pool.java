package io.cria.similarity;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link PoolIndex} guards by its lock: dictionary, token order, the accepted texts and the
 * index over them. Changed by one thread alone; read by any number.
 */
final class Pool {
  final EngineOptions options;
  final RequiredLcs required;
  final TokenDictionary dictionary = new TokenDictionary();
  final TokenOrder order;
  final TextStore texts = new TextStore();
  private final ConcurrentLinkedQueue<Probe> probes = new ConcurrentLinkedQueue<>();
  private TextIndex index;

  Pool(EngineOptions options) {
    this.options = options;
    this.required = new RequiredLcs(options.threshold());
    this.order = new TokenOrder(options.hotFrequency(), required);
    this.index = new TextIndex(options.prefilter(), required, texts);
  }

  TextIndex index() {
    return index;
  }

  /** Adds texts at the end, unjudged. */
  void append(List<String> accepted) {
    int first = texts.size();
    encode(accepted, texts);
    if (!renewOrder()) {
      insert(first);
    }
  }

  /** Numbers the tokens of {@code from}, counts them and stores them. */
  void encode(List<String> from, TextStore into) {
    Encoder encoder = new Encoder(options.tokenizer(), dictionary, true);
    for (String text : from) {
      encoder.encode(text);
      order.count(encoder.tokens(), 0, encoder.length());
      into.add(encoder.tokens(), 0, encoder.length());
    }
  }

  /**
   * Orders the tokens anew and rebuilds, when as many texts again were counted since the last time.
   */
  boolean renewOrder() {
    if (!order.isStale()) {
      return false;
    }
    order.freeze(dictionary.size());
    index = new TextIndex(options.prefilter(), required, texts);
    insert(0);
    return true;
  }

  /** Indexes the texts from {@code first} on. */
  private void insert(int first) {
    Probe probe = borrow();
    for (int id = first; id < texts.size(); id++) {
      take(probe, id);
      index.add(id, probe);
    }
    giveBack(probe);
  }

  /** Lets the probe take up accepted text {@code id}. */
  void take(Probe probe, int id) {
    probe.take(texts.page(id), texts.offset(id), texts.length(id), order, dictionary.size());
  }

  /** Working memory for the calling thread; to be given back. */
  Probe borrow() {
    Probe probe = probes.poll();
    return probe == null ? new Probe(required, newBandKeys()) : probe;
  }

  private @Nullable BandKeys newBandKeys() {
    if (options.prefilter() == Prefilter.LOSSLESS) {
      return null;
    }
    LshBands bands = options.bands();
    return new BandKeys(MinHash.unigrams(bands.functions()), bands, dictionary);
  }

  void giveBack(Probe probe) {
    probes.add(probe);
  }

  /**
   * The number of tokens, and of each its length and UTF-16 units; the number of texts, and of each
   * its length and token ids.
   */
  void write(DataOutputStream out) throws IOException {
    out.writeInt(dictionary.size());
    for (int id = 0; id < dictionary.size(); id++) {
      String token = dictionary.token(id);
      out.writeInt(token.length());
      out.writeChars(token);
    }
    out.writeInt(texts.size());
    for (int text = 0; text < texts.size(); text++) {
      int length = texts.length(text);
      int[] page = texts.page(text);
      int offset = texts.offset(text);
      out.writeInt(length);
      for (int i = 0; i < length; i++) {
        out.writeInt(page[offset + i]);
      }
    }
  }

  /**
   * Reads what {@link #write} wrote into this empty pool; {@link #indexAll} is to follow. Memory
   * grows with what is read, not with the lengths that damaged bytes may name.
   */
  void read(DataInputStream in) throws IOException {
    int tokens = readCount(in, "tokens");
    char[] characters = new char[64];
    for (int token = 0; token < tokens; token++) {
      int length = readCount(in, "a token's length");
      for (int i = 0; i < length; i++) {
        if (i == characters.length) {
          characters = Arrays.copyOf(characters, i * 2);
        }
        characters[i] = in.readChar();
      }
      if (dictionary.add(characters, 0, length) != token) {
        throw new IOException("saved similarity pool damaged, token " + token + " stands twice");
      }
    }
    int count = readCount(in, "texts");
    int[] buffer = new int[64];
    for (int text = 0; text < count; text++) {
      int length = readCount(in, "a text's length");
      for (int i = 0; i < length; i++) {
        if (i == buffer.length) {
          buffer = Arrays.copyOf(buffer, i * 2);
        }
        buffer[i] = in.readInt();
        if (buffer[i] < 0 || buffer[i] >= tokens) {
          throw new IOException(
              "saved similarity pool damaged, token " + buffer[i] + " of " + tokens);
        }
      }
      order.count(buffer, 0, length);
      texts.add(buffer, 0, length);
    }
  }

  /** Indexes the texts that were read. */
  void indexAll() {
    if (!renewOrder()) {
      insert(0);
    }
  }

  private static int readCount(DataInputStream in, String what) throws IOException {
    int count = in.readInt();
    if (count < 0) {
      throw new IOException("saved similarity pool damaged, " + what + ": " + count);
    }
    return count;
  }
}
