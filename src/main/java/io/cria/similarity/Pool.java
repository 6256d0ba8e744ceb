package io.cria.similarity;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
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

  /** Tokens with their UTF-8, then each text's length and token ids. */
  void write(DataOutputStream out) throws IOException {
    out.writeInt(dictionary.size());
    for (int token = 0; token < dictionary.size(); token++) {
      byte[] bytes = dictionary.token(token).getBytes(StandardCharsets.UTF_8);
      out.writeInt(bytes.length);
      out.write(bytes);
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

  /** Reads what {@link #write} wrote into this empty pool, and indexes it. */
  void read(DataInputStream in) throws IOException {
    int tokens = in.readInt();
    for (int token = 0; token < tokens; token++) {
      char[] characters =
          new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8).toCharArray();
      if (dictionary.add(characters, 0, characters.length) != token) {
        throw new IOException("token " + token + " stands twice");
      }
    }
    int count = in.readInt();
    int[] buffer = new int[64];
    for (int text = 0; text < count; text++) {
      int length = in.readInt();
      if (buffer.length < length) {
        buffer = new int[length];
      }
      for (int i = 0; i < length; i++) {
        buffer[i] = Objects.checkIndex(in.readInt(), tokens);
      }
      order.count(buffer, 0, length);
      texts.add(buffer, 0, length);
    }
    if (!renewOrder()) {
      insert(0);
    }
  }
}
