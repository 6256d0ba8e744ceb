package io.cria.serve;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonSerializable;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.jsontype.TypeSerializer;
import java.io.IOException;

/**
 * A value of a tree that is made while the tree is written, and so never held: the scores of an
 * answer as nodes would take several hundred bytes each.
 */
final class LateJson extends JsonSerializable.Base {
  /** Writes exactly one value. */
  @FunctionalInterface
  interface Value {
    void write(JsonGenerator json) throws IOException;
  }

  private final Value value;

  LateJson(Value value) {
    this.value = value;
  }

  @Override
  public void serialize(JsonGenerator json, SerializerProvider unused) throws IOException {
    value.write(json);
  }

  @Override
  public void serializeWithType(JsonGenerator json, SerializerProvider all, TypeSerializer unused)
      throws IOException {
    serialize(json, all);
  }
}
