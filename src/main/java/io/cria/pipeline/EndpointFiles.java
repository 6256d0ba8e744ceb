package io.cria.pipeline;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cria.config.Operation.Endpoint;
import io.cria.storage.Location;
import io.cria.task.CriaException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The files of an endpoint that a run file names: key, model and headers. Whoever asks reads them
 * from the disk of its own machine, so relative ones are taken from the run file's folder, and
 * refused where that lies on no disk.
 *
 * @param runFile the run file
 */
record EndpointFiles(Location runFile) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String FILE = "file:";

  /**
   * The overrides, and the endpoint's files with absolute paths among them.
   *
   * @param key where it stands in the run file
   * @param endpoint as the run file and the overrides have it
   * @param overrides dotted key to YAML value; paths in them are absolute
   */
  Map<String, String> absolute(String key, Endpoint endpoint, Map<String, String> overrides) {
    Map<String, String> all = new LinkedHashMap<>(overrides);
    put(all, key + ".keyFile", endpoint.keyFile());
    put(all, key + ".gguf", endpoint.gguf());
    putHeaders(all, key + ".headers", endpoint.headers());
    return all;
  }

  /**
   * The same endpoint with absolute paths.
   *
   * @param key where it stands in the run file, for messages
   */
  Endpoint absolute(String key, Endpoint endpoint) {
    Map<String, String> headers = new LinkedHashMap<>();
    endpoint
        .headers()
        .forEach(
            (name, value) ->
                headers.put(
                    name,
                    value.startsWith(FILE)
                        ? FILE + absolute(key + ".headers." + name, value.substring(FILE.length()))
                        : value));
    String keyFile = endpoint.keyFile();
    String gguf = endpoint.gguf();
    return new Endpoint(
        endpoint.baseUrl(),
        endpoint.dialect(),
        endpoint.keyEnv(),
        keyFile == null ? null : absolute(key + ".keyFile", keyFile),
        endpoint.capabilities(),
        gguf == null ? null : absolute(key + ".gguf", gguf),
        endpoint.workers(),
        endpoint.keyHeader(),
        endpoint.apiVersion(),
        headers);
  }

  private void put(Map<String, String> overrides, String key, @Nullable String path) {
    if (path != null && !overrides.containsKey(key)) {
      overrides.put(key, "'" + absolute(key, path).replace("'", "''") + "'");
    }
  }

  /** A JSON object is YAML too. */
  private void putHeaders(Map<String, String> overrides, String key, Map<String, String> headers) {
    ObjectNode absolute = JSON.createObjectNode();
    headers.forEach(
        (name, value) ->
            absolute.put(
                name,
                value.startsWith(FILE)
                    ? FILE + absolute(key + "." + name, value.substring(FILE.length()))
                    : value));
    if (headers.values().stream().anyMatch(value -> value.startsWith(FILE))) {
      overrides.put(key, absolute.toString());
    }
  }

  /** The path that a name in the run file means; of a key, for messages. */
  String absolute(String key, String path) {
    if (Path.of(path).isAbsolute()) {
      return path;
    }
    return runFile
        .local()
        .map(file -> file.toAbsolutePath().resolveSibling(path).toString())
        .orElseThrow(
            () ->
                CriaException.badInput(
                    runFile
                        + ": "
                        + key
                        + ": '"
                        + path
                        + "' is relative, and this run file lies in no folder of a host: give the"
                        + " absolute path that the file has on every host"));
  }
}
