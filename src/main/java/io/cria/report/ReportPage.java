package io.cria.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Figures as one HTML file that needs nothing else: style, charts and script stand in it, and its
 * security policy lets nothing be loaded from anywhere and no script run but these two. What comes
 * from the data stands in a block of JSON, in which no character can end the block, and is put on
 * the page as text.
 */
final class ReportPage {
  /** Apache ECharts, from its webjar. */
  private static final String CHARTS =
      "/META-INF/resources/webjars/echarts/5.3.1/dist/echarts.min.js";

  private static final Pattern SLOT = Pattern.compile("\\{\\{(\\w+)}}");
  private static final ObjectMapper JSON = JsonMapper.builder().build();

  private ReportPage() {}

  static String html(ReportFigures figures) {
    String charts = script(resource(CHARTS));
    String script = script(resource("report.js"));
    return filled(
        resource("report.html"),
        Map.of(
            "title", escaped(figures.head().name()),
            "policy", policy(charts, script),
            "style", resource("report.css"),
            "data", json(figures),
            "charts", charts,
            "script", script));
  }

  /** JSON that can stand in a script element: in it these characters occur in strings alone. */
  static String json(Object value) {
    try {
      return JSON.writeValueAsString(value)
          .replace("<", "\\u003c")
          .replace(">", "\\u003e")
          .replace("&", "\\u0026")
          .replace("\u2028", "\\u2028")
          .replace("\u2029", "\\u2029");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("figures are no JSON", e);
    }
  }

  private static String policy(String... scripts) {
    StringBuilder policy = new StringBuilder("default-src 'none'; script-src");
    for (String script : scripts) {
      policy.append(" 'sha256-").append(sha256(script)).append('\'');
    }
    // styles that charts set on their own elements
    return policy
        .append("; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; ")
        .append("form-action 'none'")
        .toString();
  }

  private static String sha256(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** As it may stand in an element of HTML: a browser hashes the text between the tags. */
  private static String script(String source) {
    return source.replace("\r\n", "\n").replace("</script", "<\\/script").replace("<!--", "<\\!--");
  }

  private static String filled(String template, Map<String, String> values) {
    Matcher slots = SLOT.matcher(template);
    StringBuilder filled = new StringBuilder();
    while (slots.find()) {
      String value = values.get(slots.group(1));
      if (value == null) {
        throw new IllegalStateException("the report's template has an unknown " + slots.group());
      }
      slots.appendReplacement(filled, Matcher.quoteReplacement(value));
    }
    return slots.appendTail(filled).toString();
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  private static String resource(String name) {
    try (InputStream in = ReportPage.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new CriaException(
            ExitCode.FAULT,
            "a part of the report is not on the class path, " + name + ": build Cria again");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new CriaException(ExitCode.FAULT, "a part of the report cannot be read, " + name, e);
    }
  }
}
