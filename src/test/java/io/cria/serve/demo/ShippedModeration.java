package io.cria.serve.demo;

import io.cria.config.ConfigReader;
import io.cria.safety.Moderation;
import io.cria.safety.ModerationRules;
import io.cria.shipped.Shipped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The rules that ship, of English and Korean. */
final class ShippedModeration {
  static final Moderation RULES =
      new Moderation(
          Stream.of("conf/moderation/en.yaml", "conf/moderation/ko.yaml")
              .map(ShippedModeration::rules)
              .toList());

  /** Each is flagged by itself. */
  static final List<String> FLAGGED =
      List.of(
          "I will kill you tonight.",
          "You are a worthless idiot!",
          "Immigrants are vermin.",
          "너 같은 놈은 죽여 버릴 거야.",
          "나는 너를 죽일 거야.");

  private ShippedModeration() {}

  private static ModerationRules rules(String name) {
    try {
      String text = Shipped.FILES.text(name);
      return ConfigReader.parse(text, name, ModerationRules.class, Map.of());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
