package io.cria.prompt;

import io.cria.task.CriaException;
import io.cria.task.Ids;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Asks a judge about texts. Each stands between two lines with a mark that follows from the texts
 * themselves, so that none of them can hold it: what ends a text is never part of it, and what it
 * asks for stays material.
 */
public final class JudgePrompt {
  private static final String MARK = "mark";
  private static final String FORM = "form";
  private static final String QUESTION = "question";
  private static final String AGAIN = "again.txt";
  private static final int MARK_LENGTH = 12;

  private final Template template;
  private final Template again;
  private final List<String> names;
  private final String form;
  private final String system;

  private JudgePrompt(
      Template template, Template again, List<String> names, String form, String system) {
    this.template = template;
    this.again = again;
    this.names = List.copyOf(names);
    this.form = form;
    this.system = system;
  }

  /**
   * Reads {@code NAME.txt} with the slots {@code mark}, {@code form} and one for each text, {@code
   * again.txt} with {@code question} and {@code form}, and {@code system.txt}.
   *
   * @param name for example {@code review}
   * @param texts the names of the texts that are judged
   * @param form the lines in which a judge must end its answer
   * @throws CriaException bad input: a file or a slot is missing or unknown
   */
  public static JudgePrompt of(PromptFiles files, String name, List<String> texts, String form) {
    List<String> slots = new ArrayList<>(texts);
    slots.add(MARK);
    slots.add(FORM);
    return new JudgePrompt(
        files.template(name + ".txt", slots.toArray(String[]::new)),
        files.template(AGAIN, QUESTION, FORM),
        texts,
        form,
        files.systemMessage());
  }

  /** What the chat dialect says first. */
  public String system() {
    return system;
  }

  /** The names of the texts that are judged. */
  public List<String> names() {
    return names;
  }

  /**
   * The question.
   *
   * @param texts by name, all of them
   */
  public String question(Map<String, String> texts) {
    String mark = mark(texts);
    Map<String, String> values = new HashMap<>(Map.of(MARK, mark, FORM, form));
    for (String name : names) {
      String text = Objects.requireNonNull(texts.get(name), name);
      values.put(
          name,
          line(name, mark)
              + (text.isEmpty() ? "" : text + "\n")
              + line("end of " + name, mark).strip());
    }
    return template.render(values);
  }

  /** The same question with the form said once more, after an answer that was off it. */
  public String again(Map<String, String> texts) {
    return again.render(Map.of(QUESTION, question(texts), FORM, form));
  }

  private static String line(String name, String mark) {
    return "----- " + name + " " + mark + " -----\n";
  }

  private String mark(Map<String, String> texts) {
    StringBuilder all = new StringBuilder();
    names.forEach(name -> all.append(texts.get(name)).append('\0'));
    return Ids.sha256(all.toString()).substring(0, MARK_LENGTH);
  }
}
