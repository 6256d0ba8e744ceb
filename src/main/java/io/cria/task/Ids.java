package io.cria.task;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** How ids are made. Each carries its lineage; none carries order. */
public final class Ids {
  private Ids() {}

  /** request_key "." attempt. */
  public static String answer(String requestKey, int attempt) {
    return requestKey + "." + attempt;
  }

  /** request_key "#" item. */
  public static String candidate(String requestKey, int item) {
    return requestKey + "#" + item;
  }

  /** candidate_id "/" n; for seeds seed_id "/" n. */
  public static String instance(String ownerId, int n) {
    return ownerId + "/" + n;
  }

  /** instance_id ":" encoding. */
  public static String example(String instanceId, String encoding) {
    return instanceId + ":" + encoding;
  }

  /** Lower-case hexadecimal SHA-256 of the UTF-8 bytes. */
  public static String sha256(String text) {
    return sha256(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Lower-case hexadecimal SHA-256. */
  public static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
