package io.cria.dataset;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cria.task.Ids;
import io.cria.task.Terms;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The {@code croissant.json} beside a dataset: its files and the fields of their records in the
 * vocabulary of Croissant 1.0 (JSON-LD), which loaders of several libraries read. Follows from the
 * files and the terms alone.
 */
public final class Croissant {
  public static final String FILE = "croissant.json";

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PARQUET = ".parquet";
  private static final String TEXT = "sc:Text";
  private static final String INTEGER = "sc:Integer";
  private static final String BOOLEAN = "sc:Boolean";

  /** The context that the specification prints. */
  private static final String CONTEXT =
      """
      {"@language": "en", "@vocab": "https://schema.org/", "citeAs": "cr:citeAs",
       "column": "cr:column", "conformsTo": "dct:conformsTo",
       "cr": "http://mlcommons.org/croissant/", "rai": "http://mlcommons.org/croissant/RAI/",
       "data": {"@id": "cr:data", "@type": "@json"},
       "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
       "dct": "http://purl.org/dc/terms/", "equivalentProperty": "cr:equivalentProperty",
       "examples": {"@id": "cr:examples", "@type": "@json"}, "extract": "cr:extract",
       "field": "cr:field", "fileProperty": "cr:fileProperty", "fileObject": "cr:fileObject",
       "fileSet": "cr:fileSet", "format": "cr:format", "includes": "cr:includes",
       "isLiveDataset": "cr:isLiveDataset", "jsonPath": "cr:jsonPath", "key": "cr:key",
       "md5": "cr:md5", "parentField": "cr:parentField", "path": "cr:path",
       "recordSet": "cr:recordSet", "references": "cr:references", "regex": "cr:regex",
       "repeated": "cr:repeated", "replace": "cr:replace", "samplingRate": "cr:samplingRate",
       "sc": "https://schema.org/", "separator": "cr:separator", "source": "cr:source",
       "subField": "cr:subField", "transform": "cr:transform"}
      """;

  private final List<DataFile> files;
  private final ObjectNode root = JSON.createObjectNode();

  /**
   * A file of the dataset.
   *
   * @param name within it
   * @param bytes size
   * @param sha256 of the bytes
   */
  public record DataFile(String name, long bytes, String sha256) {}

  private Croissant(List<DataFile> files) {
    this.files = files;
  }

  /**
   * The file's text.
   *
   * @param title the dataset's name for people
   * @param languages tags of BCP 47
   * @param files those that hold records
   */
  public static String render(
      String title, Terms terms, List<String> languages, List<DataFile> files) {
    Croissant made = new Croissant(files);
    made.head(title, terms, languages);
    made.distribution();
    made.records();
    try {
      return JSON.writerWithDefaultPrettyPrinter()
              .writeValueAsString(made.root)
              .replace("\r\n", "\n")
          + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of plain values is always JSON", e);
    }
  }

  private void head(String title, Terms terms, List<String> languages) {
    try {
      root.set("@context", JSON.readTree(CONTEXT));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the context is JSON", e);
    }
    root.put("@type", "sc:Dataset");
    root.put("conformsTo", "http://mlcommons.org/croissant/1.0");
    root.put("name", title);
    root.put(
        "description",
        "Instructions with inputs and outputs that a language model wrote, filtered and compared"
            + " with one another; README.md tells how, and what was rejected.");
    root.put("version", "1.0.0+" + digest().substring(0, 12));
    ArrayNode keywords = root.putArray("keywords");
    List.of("instruction-tuning", "synthetic", "cria").forEach(keywords::add);
    if (!languages.isEmpty()) {
      languages.forEach(root.putArray("inLanguage")::add);
    }
    put("license", terms.license());
    put("usageInfo", terms.teacherTerms());
    put("creditText", terms.attribution());
  }

  /** The same content has the same version, and other content another, of one run too. */
  private String digest() {
    return Ids.sha256(
        files.stream()
            .map(file -> file.sha256() + "  " + file.name() + "\n")
            .collect(Collectors.joining()));
  }

  private void put(String key, @Nullable String value) {
    if (value != null) {
      root.put(key, value);
    }
  }

  private void distribution() {
    ArrayNode distribution = root.putArray("distribution");
    for (DataFile file : files) {
      distribution
          .addObject()
          .put("@type", "cr:FileObject")
          .put("@id", file.name())
          .put("name", file.name())
          .put("contentUrl", file.name())
          .put("contentSize", file.bytes() + " B")
          .put("encodingFormat", encoding(file.name()))
          .put("sha256", file.sha256());
    }
  }

  private static String encoding(String name) {
    if (name.endsWith(PARQUET)) {
      return "application/x-parquet";
    }
    return name.endsWith(".jsonl") ? "application/jsonlines" : "application/json";
  }

  private void records() {
    ArrayNode sets = root.putArray("recordSet");
    for (DataFile file : files) {
      String id = "records/" + file.name();
      ObjectNode set = sets.addObject().put("@type", "cr:RecordSet").put("@id", id).put("name", id);
      ArrayNode fields = set.putArray("field");
      for (Field field : fields(file.name())) {
        ObjectNode node =
            fields
                .addObject()
                .put("@type", "cr:Field")
                .put("@id", id + "/" + field.name())
                .put("name", field.name())
                .put("dataType", field.type());
        if (field.within() != null) {
          node.put("repeated", true);
        }
        node.set("source", source(file.name(), field));
      }
    }
  }

  /**
   * A field of a record.
   *
   * @param column that it is read from
   * @param within the member of each element of that column, where that is a list; else null
   */
  private record Field(String name, String type, String column, @Nullable String within) {
    static Field of(String name, String type) {
      return new Field(name, type, name, null);
    }
  }

  private static ObjectNode source(String file, Field field) {
    ObjectNode source = JSON.createObjectNode();
    source.putObject("fileObject").put("@id", file);
    ObjectNode extract = source.putObject("extract");
    if (file.endsWith(".json")) {
      extract.put("jsonPath", "$[*]." + field.column());
    } else {
      extract.put("column", field.column());
    }
    if (field.within() != null) {
      source.putObject("transform").put("jsonPath", "$[*]." + field.within());
    }
    return source;
  }

  private static List<Field> fields(String file) {
    if (file.endsWith(PARQUET)) {
      return columns();
    }
    return switch (ExampleFormat.named(file)) {
      case ALPACA_JSON, ALPACA_JSONL ->
          List.of(Field.of("instruction", TEXT), Field.of("input", TEXT), Field.of("output", TEXT));
      case SELF_INSTRUCT ->
          List.of(
              Field.of("instruction", TEXT),
              new Field("inputs", TEXT, "instances", "input"),
              new Field("outputs", TEXT, "instances", "output"),
              Field.of("is_classification", BOOLEAN));
      case PROMPT_COMPLETION -> List.of(Field.of("prompt", TEXT), Field.of("completion", TEXT));
      case CHAT -> messages();
      case SHAREGPT ->
          List.of(
              new Field("speakers", TEXT, "conversations", "from"),
              new Field("values", TEXT, "conversations", "value"));
      case ALPACA_EVAL ->
          List.of(
              Field.of("dataset", TEXT),
              Field.of("instruction", TEXT),
              Field.of("output", TEXT),
              Field.of("generator", TEXT));
    };
  }

  private static List<Field> messages() {
    return List.of(
        new Field("roles", TEXT, "messages", "role"),
        new Field("contents", TEXT, "messages", "content"));
  }

  private static List<Field> columns() {
    List<Field> columns = new ArrayList<>();
    for (String name : List.of("example_id", "instance_id")) {
      columns.add(Field.of(name, TEXT));
    }
    for (String name : List.of("round", "row", "item", "n")) {
      columns.add(Field.of(name, INTEGER));
    }
    for (String name : List.of("instruction", "input", "output")) {
      columns.add(Field.of(name, TEXT));
    }
    columns.add(Field.of("is_classification", BOOLEAN));
    for (String name : List.of("source", "model", "recipe", "prompt", "completion")) {
      columns.add(Field.of(name, TEXT));
    }
    columns.addAll(messages());
    return columns;
  }
}
