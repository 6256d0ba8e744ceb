package io.cria.cli;

import io.cria.config.Operation.Endpoint;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Who is asked: what a command may say over a file that names a model and its endpoint. */
final class EndpointOptions {
  private static final String BASE_URL = "endpoint.baseUrl";
  private static final String DIALECT = "endpoint.dialect";
  private static final String MODEL = "model";

  @Option(
      names = "--base-url",
      paramLabel = "URL",
      description = "Address of the model's API, with /v1. Default: OPENAI_BASE_URL.")
  @Nullable String baseUrl;

  @Option(names = "--model", paramLabel = "NAME", description = "The model's name at the API.")
  @Nullable String model;

  @Option(
      names = "--dialect",
      paramLabel = "chat|completions",
      description = "What the API speaks.")
  @Nullable String dialect;

  /** Lays them over overrides: dotted key to YAML value. */
  void put(Map<String, String> overrides) {
    EndpointOverrides.put(overrides, BASE_URL, EndpointOverrides.quoted(baseUrl));
    EndpointOverrides.put(overrides, DIALECT, EndpointOverrides.quoted(dialect));
    EndpointOverrides.put(overrides, MODEL, EndpointOverrides.quoted(model));
  }

  /** As {@link EndpointOverrides#resolve}. */
  void resolve(Endpoint endpoint, Map<String, String> overrides) {
    EndpointOverrides.resolve(endpoint, model, baseUrl, overrides);
  }

  /**
   * Keys that these have set, with the name a user knows each by.
   *
   * @param settings {@code KEY=VALUE} of {@code --set}, which tells its keys itself
   */
  Map<String, String> names(List<String> settings) {
    Map<String, String> names = new LinkedHashMap<>();
    if (baseUrl != null) {
      names.put(BASE_URL, "--base-url");
    } else if (settings.stream().noneMatch(setting -> setting.startsWith(BASE_URL + "="))) {
      names.put(BASE_URL, "OPENAI_BASE_URL");
    }
    EndpointOverrides.put(names, DIALECT, dialect == null ? null : "--dialect");
    EndpointOverrides.put(names, MODEL, model == null ? null : "--model");
    return names;
  }
}
