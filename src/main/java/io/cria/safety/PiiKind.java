package io.cria.safety;

import java.util.Locale;

/** What a text may tell of a person, or of the key to something. */
public enum PiiKind {
  EMAIL,
  PHONE,
  IBAN,
  PAYMENT_CARD,
  KOREAN_RESIDENT_NUMBER,
  KEY;

  /** The kind as columns and reasons spell it. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
