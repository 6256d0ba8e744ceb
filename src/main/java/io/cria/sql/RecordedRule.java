package io.cria.sql;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The similarity rule that a run was made by, as its run.json has it. */
public final class RecordedRule {
  private static final String PUBLISHED = "rouge-en";

  private RecordedRule() {}

  /**
   * The name of the rule's tokenizer; that of the published one where none is told.
   *
   * @param identity of run.json; null where it has none
   */
  public static String tokenizer(@Nullable Map<String, Object> identity) {
    return identity != null
            && identity.get("similarity") instanceof Map<?, ?> rule
            && rule.get("tokenizer") instanceof String named
        ? named
        : PUBLISHED;
  }
}
