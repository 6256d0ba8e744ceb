package io.cria.llm;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.llm.fake.Reply;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BodyDecoderTest {
  private static final String JSON = "{\"한\":\"x\"}";
  private static final byte[] PLAIN = JSON.getBytes(StandardCharsets.UTF_8);

  private final BodyDecoder decoder = new BodyDecoder(1 << 20);

  private static byte[] deflate(byte[] bytes, boolean withoutHead) throws IOException {
    Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, withoutHead);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (DeflaterOutputStream stream = new DeflaterOutputStream(out, deflater)) {
      stream.write(bytes);
    } finally {
      deflater.end();
    }
    return out.toByteArray();
  }

  private void reads(byte[] body, String... encodings) {
    assertThat(decoder.decode(body, List.of(encodings)))
        .isEqualTo(new BodyDecoder.Decoded(JSON, null));
  }

  @Test
  void knownEncodingsAreTakenOff() throws IOException {
    reads(PLAIN);
    reads(PLAIN, "identity");
    reads(Reply.gzip(PLAIN), "gzip");
    reads(Reply.gzip(PLAIN), "X-GZip");
    reads(deflate(PLAIN, false), "deflate");
    reads(deflate(PLAIN, true), "deflate");
  }

  @Test
  void severalEncodingsAreTakenOffFromTheLastOn() throws IOException {
    reads(Reply.gzip(Reply.gzip(PLAIN)), "gzip, gzip");
    reads(Reply.gzip(Reply.gzip(PLAIN)), "gzip", "gzip");
    reads(Reply.gzip(deflate(PLAIN, false)), "deflate, gzip");
  }

  @Test
  void anEncodingThatIsNamedButIsNotThereOrIsThereButNotNamedIsRead() {
    reads(PLAIN, "gzip");
    reads(PLAIN, "deflate");
    reads(Reply.gzip(PLAIN));
    reads(Reply.gzip(Reply.gzip(PLAIN)), "gzip");
  }

  @ParameterizedTest
  @ValueSource(strings = {"br", "zstd", "gzip, br"})
  void anEncodingThatIsNotKnownIsNamed(String encoding) {
    assertThat(decoder.decode(PLAIN, List.of(encoding)).unreadable())
        .startsWith("the answer has an encoding that was not asked for and is not known: ")
        .endsWith(encoding.substring(encoding.lastIndexOf(' ') + 1));
  }

  @Test
  void aBombIsGivenUpAtTheBound() {
    byte[] bomb = Reply.gzip(Reply.gzip(new byte[8 << 20]));
    assertThat(bomb.length).isLessThan(10_000);
    assertThat(decoder.decode(bomb, List.of("gzip, gzip")).unreadable())
        .isEqualTo("the answer is longer than 1 MiB once it is decoded");
  }

  @Test
  void aDamagedBodyIsToldOf() {
    byte[] whole = Reply.gzip(PLAIN);
    byte[] half = Arrays.copyOf(whole, whole.length / 2);
    assertThat(decoder.decode(half, List.of("gzip")).unreadable())
        .startsWith("the answer's encoding is damaged: ");
  }
}
