package io.cria.serve;

import com.fasterxml.jackson.databind.JsonNode;
import io.cria.decoding.grammar.Grammar;
import io.cria.decoding.grammar.JsonSchema;
import io.cria.decoding.grammar.SchemaException;
import org.jspecify.annotations.Nullable;

/** The {@code response_format} of a request. */
final class ResponseFormat {
  private static final String NAME = "response_format";

  private ResponseFormat() {}

  /** What answers keep to; null for plain text. */
  static @Nullable Grammar grammar(Fields fields) {
    JsonNode format = fields.get(NAME);
    if (format.isMissingNode()) {
      return null;
    }
    return switch (format.path("type").asText()) {
      case "text" -> null;
      case "json_object" -> JsonSchema.anyObject();
      case "json_schema" -> ofSchema(format.path("json_schema").path("schema"));
      default ->
          throw ApiException.invalid(
              NAME,
              "its type must be text, json_object or json_schema, not " + format.path("type"));
    };
  }

  private static Grammar ofSchema(JsonNode schema) {
    String path = NAME + ".json_schema.schema";
    if (!schema.isObject()) {
      throw ApiException.invalid(path, path + " must be a JSON schema, an object");
    }
    try {
      return JsonSchema.grammar(schema);
    } catch (SchemaException e) {
      throw ApiException.invalid(
          path + e.where().replace('/', '.'), "the schema cannot be kept to: " + e.getMessage());
    }
  }
}
