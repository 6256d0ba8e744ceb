package io.cria.cli;

import io.cria.config.Operation.Endpoint;
import io.cria.task.CriaException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What options of the command line lay over a file that names an endpoint. */
final class EndpointOverrides {
  private static final String OPENAI = "https://api.openai.com/v1";

  private EndpointOverrides() {}

  /**
   * {@code KEY=VALUE} each.
   *
   * @param option that gave them
   * @param example for people
   */
  static Map<String, String> of(List<String> settings, String option, String example) {
    Map<String, String> overrides = new LinkedHashMap<>();
    for (String setting : settings) {
      int equals = setting.indexOf('=');
      if (equals < 1) {
        throw CriaException.badInput(
            option + " " + setting + ": write KEY=VALUE, for example " + example);
      }
      overrides.put(setting.substring(0, equals), setting.substring(equals + 1));
    }
    return overrides;
  }

  static void put(Map<String, String> overrides, String key, @Nullable String value) {
    if (value != null) {
      overrides.put(key, value);
    }
  }

  /** A text as a YAML value; null stays null. */
  static @Nullable String quoted(@Nullable String text) {
    return text == null ? null : "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }

  /**
   * A file of the embedded model leaves it when a model or an address is given; an address may come
   * from outside.
   */
  static void resolve(
      Endpoint endpoint,
      @Nullable String model,
      @Nullable String baseUrl,
      Map<String, String> overrides) {
    boolean remote = model != null || baseUrl != null;
    if (endpoint.isEmbedded() && remote) {
      overrides.put("endpoint.dialect", "chat");
    }
    boolean needsAddress = (!endpoint.isEmbedded() || remote) && endpoint.baseUrl() == null;
    if (needsAddress && baseUrl == null) {
      put(overrides, "endpoint.baseUrl", quoted(outside()));
    }
  }

  /** Where a model answers whose address is given nowhere. */
  static String outside() {
    String outside = System.getenv("OPENAI_BASE_URL");
    return outside == null || outside.isBlank() ? OPENAI : outside;
  }
}
