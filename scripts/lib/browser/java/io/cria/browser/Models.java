package io.cria.browser;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Two models behind one address, as far as an evaluation needs them: a thorough and a short one.
 */
final class Models implements AutoCloseable {
  private final HttpServer http;

  private Models(HttpServer http) {
    this.http = http;
  }

  static Models start() throws IOException {
    HttpServer http =
        HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
    http.createContext(
        "/",
        exchange -> {
          String asked =
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
          boolean thorough = asked.contains("thorough-7b");
          boolean korean = asked.matches("(?s).*[가-힣].*");
          String text = korean ? korean(thorough) : english(thorough);
          byte[] answer =
              ("{\"id\":\"x\",\"object\":\"chat.completion\",\"model\":\"m\",\"choices\":[{\"index\":0,"
                   + "\"message\":{\"role\":\"assistant\",\"content\":\""
                      + text
                      + "\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":20,"
                      + "\"completion_tokens\":20,\"total_tokens\":40}}")
                  .getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().set("Content-Type", "application/json");
          exchange.sendResponseHeaders(200, answer.length);
          try (var out = exchange.getResponseBody()) {
            out.write(answer);
          }
        });
    http.start();
    return new Models(http);
  }

  private static String english(boolean thorough) {
    return thorough
        ? "First melt the butter over a low heat.\\n"
            + "Then stir in the flour until it smells of nuts, and add the milk little by"
            + " little.\\n"
            + "Season with salt, pepper and nutmeg."
        : "Melt, stir, season. <b>Done</b> & good.";
  }

  private static String korean(boolean thorough) {
    return thorough
        ? "먼저 약한 불에서 버터를 녹이고 밀가루를 넣어 고소한 향이 날 때까지 저어 주세요.\\n그다음 우유를 조금씩 부으면서 소금과 후추로 간을 맞춥니다."
        : "녹이고, 젓고, 간을 하세요.";
  }

  /** An evaluation of the two on some tasks; returns its run file. */
  Path evaluation(Path folder, int tasks) throws IOException {
    StringBuilder set = new StringBuilder();
    for (int i = 1; i <= tasks; i++) {
      set.append("{\"instruction\": \"")
          .append(
              i % 4 == 0
                  ? i + "인분의 화이트 소스를 만드는 법을 설명해 주세요."
                  : "Explain how to make white sauce for " + i + ".")
          .append("\", \"input\": \"")
          .append(i % 3 == 0 ? "Butter, flour, milk, salt, pepper, nutmeg" : "")
          .append("\", \"reference\": \"Melt butter.\"}\n");
    }
    Files.writeString(folder.resolve("tasks-own.jsonl"), set);
    String address = "http://127.0.0.1:" + http.getAddress().getPort() + "/v1";
    return Files.writeString(
        folder.resolve("evaluate.yaml"),
        """
        set: tasks-own.jsonl
        answerers:
          thorough: {endpoint: {baseUrl: "%s", keyEnv: none}, model: thorough-7b}
          short: {endpoint: {baseUrl: "%s", keyEnv: none}, model: short-1b}
        generation: {maxTokens: 64}
        """
            .formatted(address, address));
  }

  @Override
  public void close() {
    http.stop(0);
  }
}
