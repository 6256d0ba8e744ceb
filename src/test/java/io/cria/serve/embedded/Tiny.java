package io.cria.serve.embedded;

import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.Objects;

/** The tiny random model of the tests; {@code gguf/make_tiny.py} makes it. */
final class Tiny {
  static final Path GGUF = resource("/gguf/tiny.gguf");

  private Tiny() {}

  private static Path resource(String name) {
    URL url = Objects.requireNonNull(Tiny.class.getResource(name), name);
    try {
      return Path.of(url.toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
