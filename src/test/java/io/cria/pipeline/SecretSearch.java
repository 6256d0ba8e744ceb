package io.cria.pipeline;

import io.cria.testing.LocalSpark;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Looks for secrets in files, as they are and as they may be written: in base64, alone or amid
 * other text, escaped for addresses and for JSON. Parquet files are decoded.
 */
final class SecretSearch {
  private static final String PARQUET = "PAR1";

  /** How files begin that hide what is in them: gzip, zstd, LZ4, Zip. */
  private static final List<String> PACKED =
      List.of("\37\213", "(\265/\375", "\4\"M\30", "LZ4Block", "PK\3\4");

  private final Set<String> forms = new LinkedHashSet<>();

  SecretSearch(List<String> secrets) {
    secrets.forEach(secret -> forms.addAll(forms(secret)));
  }

  /** A secret's forms, itself first. */
  static Set<String> forms(String secret) {
    Set<String> forms = new LinkedHashSet<>();
    forms.add(secret);
    for (int shift = 0; shift < 3; shift++) {
      forms.add(inBase64(secret, shift, Base64.getEncoder()));
      forms.add(inBase64(secret, shift, Base64.getUrlEncoder()));
    }
    forms.add(URLEncoder.encode(secret, StandardCharsets.UTF_8));
    forms.add(secret.replace("/", "\\/"));
    forms.add(secret.replace("+", "\\u002b").replace("=", "\\u003d"));
    return forms;
  }

  /** What stands in the base64 of any text that has the secret, so many bytes after a group. */
  private static String inBase64(String secret, int shift, Base64.Encoder encoder) {
    byte[] bytes = ("\0".repeat(shift) + secret).getBytes(StandardCharsets.US_ASCII);
    String code = encoder.withoutPadding().encodeToString(bytes);
    int bits = 8 * (shift + secret.length());
    return code.substring((8 * shift + 5) / 6, bits / 6);
  }

  /** Whatever the case: recipes change that of instructions. */
  boolean isIn(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    return forms.stream().anyMatch(form -> lower.contains(form.toLowerCase(Locale.ROOT)));
  }

  /** The files below a folder that hold a secret, or cannot be looked into. */
  List<String> hits(Path folder) throws IOException {
    List<String> hits = new ArrayList<>();
    for (Path file : LineRun.files(folder)) {
      String bytes = Files.readString(file, StandardCharsets.ISO_8859_1);
      String name = folder.relativize(file).toString();
      if (PACKED.stream().anyMatch(bytes::startsWith)) {
        hits.add(name + " is packed");
      } else if (isIn(name) || isIn(bytes) || (bytes.startsWith(PARQUET) && isIn(rows(file)))) {
        hits.add(name);
      }
    }
    return hits;
  }

  private static String rows(Path parquet) {
    return String.join(
        "\n", LocalSpark.session().read().parquet(parquet.toString()).toJSON().collectAsList());
  }
}
