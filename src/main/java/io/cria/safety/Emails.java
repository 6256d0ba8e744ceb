package io.cria.safety;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * E-mail addresses in ASCII. None are those at names reserved for documentation (RFC 2606), the
 * user of a repository's address ({@code git@host:path}), and file names ({@code icon@2x.png}).
 */
final class Emails {
  private static final Pattern ADDRESS =
      Pattern.compile(
          "(?<![A-Za-z0-9._%+-])[A-Za-z0-9_%+-](?:[A-Za-z0-9._%+-]{0,62}[A-Za-z0-9_%+-])?"
              + "@((?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\\.){1,8}([A-Za-z]{2,24}))"
              + "(?![A-Za-z0-9-])");

  private static final Pattern RESERVED =
      Pattern.compile("(?:.*\\.)?(?:example(?:\\.[a-z]+)?|test|invalid|localhost)");

  private static final Set<String> FILE_ENDINGS =
      Set.of(
          "png", "jpg", "jpeg", "gif", "svg", "webp", "bmp", "ico", "css", "js", "mjs", "ts",
          "json", "html", "xml", "txt", "pdf", "yml", "yaml");

  private Emails() {}

  static List<PiiMatch> find(String text) {
    List<PiiMatch> found = new ArrayList<>();
    Matcher matcher = ADDRESS.matcher(text);
    while (matcher.find()) {
      String domain = matcher.group(1).toLowerCase(Locale.ROOT);
      String ending = matcher.group(2).toLowerCase(Locale.ROOT);
      boolean repository =
          matcher.group().startsWith("git@") && text.startsWith(":", matcher.end());
      if (!RESERVED.matcher(domain).matches()
          && !FILE_ENDINGS.contains(ending)
          && !repository
          && !matcher.group().contains("..")) {
        String masked = matcher.group().charAt(0) + "***@***." + ending;
        found.add(new PiiMatch(PiiKind.EMAIL, matcher.start(), matcher.end(), masked));
      }
    }
    return found;
  }
}
