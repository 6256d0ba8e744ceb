package io.cria.weights;

import io.cria.testing.Fixtures;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;

/** Reference tensors: the few that are part of the project, else those beside the checkout. */
final class Golden {
  private Golden() {}

  /** The file below golden/llama; skips the calling test when it is nowhere at hand. */
  static Path file(String path) {
    URL own = Golden.class.getResource("/golden/llama/" + path);
    if (own == null) {
      return Fixtures.file("golden/llama/" + path);
    }
    try {
      return Path.of(own.toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(own + " is no file", e);
    }
  }
}
