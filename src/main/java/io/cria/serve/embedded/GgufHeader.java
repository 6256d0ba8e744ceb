package io.cria.serve.embedded;

import io.cria.task.CriaException;
import io.cria.template.ChatTemplate;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What must be known of a GGUF file before native code maps it (GGUF specification of ggml,
 * versions 2 and 3, little endian): that all of it is there, and the few values the generator
 * needs.
 *
 * @param architecture {@code general.architecture}
 * @param contextLength the context the model was trained for, in tokens; 0 where the file does not
 *     say
 * @param controlTexts texts of the tokens that steer the model instead of being said, unknown token
 *     included
 * @param addsBos whether every prompt is begun with the begin-of-sequence token
 * @param tokens texts of the tokens with a role, under the names chat templates know them by
 * @param chatTemplate the model's chat form in Jinja, or null
 */
record GgufHeader(
    String architecture,
    int contextLength,
    List<String> controlTexts,
    boolean addsBos,
    Map<String, String> tokens,
    @Nullable String chatTemplate) {
  private static final int MAGIC = 0x46554747;
  private static final long MOST_ENTRIES = 1L << 24;
  private static final int UINT16 = 2;
  private static final int UINT32 = 4;
  private static final int BOOL = 7;
  private static final int STRING = 8;
  private static final int ARRAY = 9;
  private static final int TOKEN_UNKNOWN = 2;
  private static final int TOKEN_CONTROL = 3;
  private static final int TOKEN_USER_DEFINED = 4;

  /**
   * Ways to split text in which llama.cpp begins a sequence with bos where no key says otherwise.
   */
  private static final Set<String> BEGINNING =
      Set.of("llama3", "llama-v3", "llama-bpe", "falcon3", "falcon-h1", "pixtral", "tekken");

  /** The ids of tokens with a role, and what chat templates call these. */
  private static final Map<String, String> ROLES =
      Map.of(
          "tokenizer.ggml.bos_token_id", "bos_token",
          "tokenizer.ggml.eos_token_id", "eos_token",
          "tokenizer.ggml.padding_token_id", "pad_token",
          "tokenizer.ggml.unknown_token_id", "unk_token");

  /** Elements and bytes of one block, by ggml's tensor type. */
  private static final Map<Integer, int[]> BLOCKS =
      Map.ofEntries(
          Map.entry(0, new int[] {1, 4}),
          Map.entry(1, new int[] {1, 2}),
          Map.entry(2, new int[] {32, 18}),
          Map.entry(3, new int[] {32, 20}),
          Map.entry(6, new int[] {32, 22}),
          Map.entry(7, new int[] {32, 24}),
          Map.entry(8, new int[] {32, 34}),
          Map.entry(9, new int[] {32, 36}),
          Map.entry(10, new int[] {256, 84}),
          Map.entry(11, new int[] {256, 110}),
          Map.entry(12, new int[] {256, 144}),
          Map.entry(13, new int[] {256, 176}),
          Map.entry(14, new int[] {256, 210}),
          Map.entry(15, new int[] {256, 292}),
          Map.entry(16, new int[] {256, 66}),
          Map.entry(17, new int[] {256, 74}),
          Map.entry(18, new int[] {256, 98}),
          Map.entry(19, new int[] {256, 50}),
          Map.entry(20, new int[] {32, 18}),
          Map.entry(21, new int[] {256, 110}),
          Map.entry(22, new int[] {256, 82}),
          Map.entry(23, new int[] {256, 136}),
          Map.entry(24, new int[] {1, 1}),
          Map.entry(25, new int[] {1, 2}),
          Map.entry(26, new int[] {1, 4}),
          Map.entry(27, new int[] {1, 8}),
          Map.entry(28, new int[] {1, 8}),
          Map.entry(29, new int[] {256, 56}),
          Map.entry(30, new int[] {1, 2}),
          Map.entry(34, new int[] {256, 54}),
          Map.entry(35, new int[] {256, 66}));

  GgufHeader {
    controlTexts = List.copyOf(controlTexts);
    tokens = Map.copyOf(tokens);
  }

  /**
   * Reads and checks {@code file}.
   *
   * @throws CriaException when it is missing, no GGUF, of an unknown version, without a vocabulary,
   *     or cut short
   */
  static GgufHeader read(Path file) {
    if (Files.isDirectory(file)) {
      throw CriaException.badInput(
          "a directory is no GGUF model, "
              + file
              + ": give the .gguf file itself with --gguf, or a checkpoint's directory with"
              + " --checkpoint");
    }
    if (!Files.isRegularFile(file)) {
      throw CriaException.badInput(
          "no such model file, " + file + ": fetch the small one with scripts/fetch-model");
    }
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16))) {
      return new Reader(in, file, Files.size(file)).read();
    } catch (EOFException e) {
      throw truncated(file, "its header ends early");
    } catch (IOException e) {
      throw CriaException.badInput(
          "cannot read the model, "
              + file
              + " ("
              + e.getMessage()
              + "): give a file that you can read");
    }
  }

  private static CriaException truncated(Path file, String how) {
    return CriaException.badInput(
        "the model file is cut short, " + file + " (" + how + "): fetch it again");
  }

  private static CriaException broken(Path file, String how) {
    return CriaException.badInput(
        "not a usable GGUF model, " + file + " (" + how + "): fetch it again or give another");
  }

  /** One pass over header and tensor list, counting bytes to know where the data begins. */
  private static final class Reader {
    private final DataInputStream in;
    private final Path file;
    private final long size;
    private long position;
    private String architecture = "";
    private long alignment = 32;
    private long part;
    private long parts = 1;
    private @Nullable Long context;
    private @Nullable Boolean addBos;
    private String tokenizer = "";
    private String splitting = "";
    private List<String> tokens = List.of();
    private List<Integer> kinds = List.of();
    private final Map<String, Long> roles = new HashMap<>();
    private @Nullable String chatTemplate;

    Reader(DataInputStream in, Path file, long size) {
      this.in = in;
      this.file = file;
      this.size = size;
    }

    GgufHeader read() throws IOException {
      if (size < 4 || u32() != MAGIC) {
        throw broken(file, "it does not begin with GGUF");
      }
      int version = u32();
      if (version != 2 && version != 3) {
        throw broken(file, "version " + Integer.toUnsignedString(version) + ", 2 and 3 are known");
      }
      long tensors = count("tensors");
      long entries = count("metadata entries");
      for (long i = 0; i < entries; i++) {
        metadata();
      }
      if (parts > 1) {
        throw CriaException.badInput(
            "the model file is part "
                + (part + 1)
                + " of "
                + parts
                + " of a split file, "
                + file
                + ": join them with llama-gguf-split --merge FIRST-PART WHOLE.gguf, and give the"
                + " whole");
      }
      checkTensors(tensors);
      if (tokens.isEmpty()) {
        throw broken(file, "it holds no vocabulary");
      }
      boolean isSentencePiece = tokenizer.equals("llama");
      return new GgufHeader(
          architecture,
          context == null ? 0 : (int) Math.min(Integer.MAX_VALUE, context),
          controlTexts(),
          addBos == null ? isSentencePiece || BEGINNING.contains(splitting) : addBos,
          roleTexts(),
          chatTemplate);
    }

    private void metadata() throws IOException {
      String key = string();
      int type = u32();
      switch (key) {
        case "general.architecture" -> architecture = textOf(key, type);
        case "tokenizer.ggml.model" -> tokenizer = textOf(key, type);
        case "tokenizer.ggml.pre" -> splitting = textOf(key, type);
        case "general.alignment" -> alignment = numberOf(key, type);
        case "split.no" -> part = numberOf(key, type);
        case "split.count" -> parts = numberOf(key, type);
        case "tokenizer.ggml.add_bos_token" -> addBos = flagOf(key, type);
        case "tokenizer.chat_template" -> chatTemplate = textOf(key, type);
        case "tokenizer.ggml.tokens" -> tokens = texts(key, type);
        case "tokenizer.ggml.token_type" -> kinds = numbers(key, type);
        default -> {
          String role = ROLES.get(key);
          if (key.equals(architecture + ".context_length")) {
            context = numberOf(key, type);
          } else if (role != null) {
            roles.put(role, numberOf(key, type));
          } else {
            skipValue(type, 0);
          }
        }
      }
      if (alignment <= 0 || Long.bitCount(alignment) != 1) {
        throw broken(file, "alignment " + alignment);
      }
    }

    private void checkTensors(long tensors) throws IOException {
      long end = 0;
      String last = "";
      for (long i = 0; i < tensors; i++) {
        String name = string();
        int dimensions = u32();
        if (dimensions < 0 || dimensions > 4) {
          throw broken(file, "tensor " + name + " has " + dimensions + " dimensions");
        }
        long elements = 1;
        for (int d = 0; d < dimensions; d++) {
          elements = product(elements, i64(), name);
        }
        int type = u32();
        long offset = i64();
        int[] block = BLOCKS.getOrDefault(type, new int[] {1, 0});
        long bytes = product((elements + block[0] - 1) / block[0], block[1], name);
        if (offset < 0 || offset > Long.MAX_VALUE - bytes) {
          throw broken(file, "tensor " + name + " lies at " + offset);
        }
        if (offset + bytes >= end) {
          end = offset + bytes;
          last = name;
        }
      }
      long data = (position + alignment - 1) / alignment * alignment;
      if (end > size - data) {
        throw truncated(
            file, "tensor " + last + " ends at byte " + (data + end) + ", the file at " + size);
      }
    }

    private long product(long a, long b, String name) {
      long high = Math.multiplyHigh(a, b);
      if (a < 0 || b < 0 || high != 0 || a * b < 0) {
        throw broken(file, "tensor " + name + " has an impossible size");
      }
      return a * b;
    }

    private List<String> controlTexts() {
      List<String> added = new ArrayList<>();
      Set<String> texts = new LinkedHashSet<>();
      for (int id = 0; id < Math.min(tokens.size(), kinds.size()); id++) {
        int kind = kinds.get(id);
        if ((kind == TOKEN_CONTROL || kind == TOKEN_UNKNOWN) && !tokens.get(id).isEmpty()) {
          texts.add(tokens.get(id));
        } else if (kind == TOKEN_USER_DEFINED) {
          added.add(tokens.get(id));
        }
      }
      texts.addAll(roleTexts().values());
      texts.addAll(ChatTemplate.steering(added, chatTemplate));
      return List.copyOf(texts);
    }

    /** A role whose token is not in the vocabulary is left out. */
    private Map<String, String> roleTexts() {
      Map<String, String> texts = new HashMap<>();
      roles.forEach(
          (role, id) -> {
            if (id >= 0 && id < tokens.size()) {
              texts.put(role, tokens.get(id.intValue()));
            }
          });
      return texts;
    }

    private String textOf(String key, int type) throws IOException {
      if (type != STRING) {
        throw broken(file, key + " is no text");
      }
      return string();
    }

    private long numberOf(String key, int type) throws IOException {
      if (type == UINT32 || type == 5) {
        return Integer.toUnsignedLong(u32());
      }
      if (type == 10 || type == 11) {
        return i64();
      }
      if (type == UINT16) {
        position += 2;
        return Short.toUnsignedLong(Short.reverseBytes(in.readShort()));
      }
      throw broken(file, key + " is no whole number");
    }

    private boolean flagOf(String key, int type) throws IOException {
      if (type != BOOL) {
        throw broken(file, key + " is no truth value");
      }
      position++;
      return in.readByte() != 0;
    }

    private List<String> texts(String key, int type) throws IOException {
      int element = type == ARRAY ? u32() : -1;
      if (element != STRING) {
        throw broken(file, key + " is no list of texts");
      }
      long count = count(key);
      List<String> texts = new ArrayList<>();
      for (long i = 0; i < count; i++) {
        texts.add(string());
      }
      return texts;
    }

    private List<Integer> numbers(String key, int type) throws IOException {
      int element = type == ARRAY ? u32() : -1;
      if (element != UINT32 && element != 5) {
        throw broken(file, key + " is no list of whole numbers");
      }
      long count = count(key);
      List<Integer> numbers = new ArrayList<>();
      for (long i = 0; i < count; i++) {
        numbers.add(u32());
      }
      return numbers;
    }

    private void skipValue(int type, int depth) throws IOException {
      switch (type) {
        case 0, 1, BOOL -> skip(1);
        case 2, 3 -> skip(2);
        case UINT32, 5, 6 -> skip(4);
        case 10, 11, 12 -> skip(8);
        case STRING -> skip(length());
        case ARRAY -> {
          int element = u32();
          long count = count("values of a list");
          if (element == ARRAY && depth > 3) {
            throw broken(file, "lists in lists in lists");
          }
          for (long i = 0; i < count; i++) {
            skipValue(element, depth + 1);
          }
        }
        default -> throw broken(file, "metadata of unknown type " + type);
      }
    }

    private long count(String of) throws IOException {
      long count = i64();
      if (count < 0 || count > MOST_ENTRIES) {
        throw broken(file, Long.toUnsignedString(count) + " " + of);
      }
      return count;
    }

    private String string() throws IOException {
      int length = (int) length();
      byte[] bytes = new byte[length];
      in.readFully(bytes);
      position += length;
      return new String(bytes, StandardCharsets.UTF_8);
    }

    private long length() throws IOException {
      long length = i64();
      if (length < 0 || length > 1 << 24) {
        throw broken(file, "a text of " + Long.toUnsignedString(length) + " bytes");
      }
      if (length > size - position) {
        throw new EOFException();
      }
      return length;
    }

    private void skip(long bytes) throws IOException {
      in.skipNBytes(bytes);
      position += bytes;
    }

    private int u32() throws IOException {
      position += 4;
      return Integer.reverseBytes(in.readInt());
    }

    private long i64() throws IOException {
      position += 8;
      return Long.reverseBytes(in.readLong());
    }
  }
}
