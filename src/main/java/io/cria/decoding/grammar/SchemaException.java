package io.cria.decoding.grammar;

/** A JSON schema says something that no grammar is made of here. */
public final class SchemaException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String where;

  SchemaException(String where, String message) {
    super(message, null, false, false);
    this.where = where;
  }

  static SchemaException tooLarge(String where) {
    return new SchemaException(where, "the schema is too large: make it smaller");
  }

  /** The place in the schema: a JSON pointer, empty for the whole. */
  public String where() {
    return where;
  }
}
