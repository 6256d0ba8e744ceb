package io.cria.llm;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/** Blacks out secrets. */
final class Redactor {
  static final String BLACK = "[redacted]";
  private static final int MESSAGE_CHARACTERS = 300;

  /**
   * Local servers are given words such as "none" or "test" for a key: these are no secrets, and may
   * stand in answers.
   */
  private static final int SHORTEST_SECRET = 6;

  /** Longer ones of these, as the manuals of local servers give them. */
  private static final Set<String> NO_SECRETS =
      Set.of(
          "dummy-key",
          "llama.cpp",
          "lm-studio",
          "lmstudio",
          "localai",
          "no-key",
          "no-key-required",
          "not-needed",
          "not-used",
          "ollama",
          "sk-no-key-required");

  private static final Pattern KEY_LIKE =
      Pattern.compile(
          "(?i)\\b(?:sk|pk|rk|gsk|xai|hf)[-_][a-z0-9_*.-]{6,}"
              // words of error messages such as api_key_invalid are none
              + "|\\b(?:api|key)[-_](?=[a-z_*.-]*[0-9])[a-z0-9_*.-]{6,}"
              + "|\\bbearer\\s+[^\\s\"',;]+");

  private static final Pattern WHITE_SPACE = Pattern.compile("[\\s\\p{Cntrl}]+");

  private final Credentials credentials;
  private final Map<String, SecretForms> forms = new ConcurrentHashMap<>();

  Redactor(Credentials credentials) {
    this.credentials = credentials;
  }

  /** A text of what an answer says, without the client's own secrets, wherever they stand whole. */
  String answer(String text) {
    String clean = text;
    for (String secret : credentials.secrets()) {
      if (isSecret(secret)) {
        clean = forms(secret).blackOutWhole(clean);
      }
    }
    return clean;
  }

  /**
   * A text in which a server tells of a failure, without the client's own secrets in any form.
   * Answers are paid and kept as they are: there a beginning of a key, or a password, may be a
   * word.
   */
  String body(String text) {
    String clean = text;
    for (List<String> secrets : List.of(credentials.secrets(), credentials.decodedSecrets())) {
      for (String secret : secrets) {
        if (isSecret(secret)) {
          clean = forms(secret).blackOut(clean);
        }
      }
    }
    return clean;
  }

  private SecretForms forms(String secret) {
    return forms.computeIfAbsent(secret, SecretForms::new);
  }

  static boolean isSecret(String value) {
    return value.length() >= SHORTEST_SECRET
        && !NO_SECRETS.contains(value.toLowerCase(Locale.ROOT));
  }

  /**
   * A text from outside as one short line without the client's secrets and without what looks like
   * any key.
   */
  String message(String text) {
    String line = WHITE_SPACE.matcher(body(text)).replaceAll(" ").strip();
    String clean = KEY_LIKE.matcher(line).replaceAll(BLACK);
    return clean.length() <= MESSAGE_CHARACTERS
        ? clean
        : clean.substring(0, MESSAGE_CHARACTERS) + "…";
  }
}
