package io.cria.stage;

import io.cria.ask.AskedParts;
import io.cria.config.DecodingConfig;
import io.cria.run.StageDeclaration;
import io.cria.storage.Manifest;
import io.cria.task.Part;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import org.apache.spark.sql.Row;

/**
 * A round of questions put to a model beside the line: what is asked, and what is made of the
 * answers. {@link Askings} asks it. Its reader finds an item's id as {@code
 * planned.subject().candidateId()}.
 */
public interface Asking extends AskedParts.Work {
  /** {@link StageDeclaration#beside}: its table has a column {@code answer_id}. */
  StageDeclaration stage();

  /** From 0; what is asked again because of the answers is another round. */
  int round();

  /** What the items are made from: others make the round anew, and answers to equal texts stay. */
  List<Manifest.Input> inputs();

  /** What the chat dialect says first; empty for nothing. */
  String system();

  /** In order; read once, and only where the round is not planned yet. */
  Iterator<Item> items();

  /** What was read is what the table holds, unless a part has to be put together. */
  @Override
  default List<Row> rows(Part part, List<Row> read) {
    return read;
  }

  /**
   * One request.
   *
   * @param id of what is asked about
   * @param text the user's message; in the completions dialect it comes after the system message
   * @param several texts that one request holds in place of that message, for moderation: id to
   *     text, in order; the reader finds the ids as {@code planned.demonstrations()}
   * @param decoding what the server is told beside it
   */
  record Item(
      String id, String text, LinkedHashMap<String, String> several, DecodingConfig decoding) {
    public Item(String id, String text, DecodingConfig decoding) {
      this(id, text, new LinkedHashMap<>(), decoding);
    }
  }
}
