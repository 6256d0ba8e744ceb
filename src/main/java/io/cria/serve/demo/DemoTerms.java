package io.cria.serve.demo;

import io.cria.task.Ids;
import io.cria.task.Terms;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a visitor has to agree to: what holds of every demo, and what the model's card states.
 *
 * @param model its name
 * @param stated of the model's card
 */
public record DemoTerms(String model, Terms stated) {
  private static final Pattern NON_COMMERCIAL = Pattern.compile("(?i)non[- ]?commercial|비상업|비영리");
  private static final Pattern NON_COMMERCIAL_LICENSE =
      Pattern.compile("(?i)(^|[^a-z])nc($|[^a-z])");

  private static final List<Paragraph> ALWAYS =
      List.of(
          new Paragraph(
              "Answers may be wrong",
              "They are written by a language model, which makes things up and repeats what it was"
                  + " taught, prejudice included. Check what matters, and take no advice on"
                  + " health, law or money from it."),
          new Paragraph(
              "What you write",
              "Tell it nothing that is secret or personal. This program keeps no conversation: it"
                  + " stands in your page and is gone when you close it. A cookie remembers that"
                  + " you agreed."),
          new Paragraph(
              "What is held back",
              "Your messages and the answers are held against simple rules, which stop what they"
                  + " take for harmful, miss some of it, and now and then stop what is harmless."),
          new Paragraph(
              "What is marked",
              "Answers bear a watermark: whoever runs this page can tell later that a longer text"
                  + " was written here."));

  /** One of the terms. */
  record Paragraph(String title, String text) {}

  /** Whether the card forbids that money is made with the model. */
  public boolean areNonCommercial() {
    String license = stated.license();
    return (license != null && NON_COMMERCIAL_LICENSE.matcher(license).find())
        || stated.stated().values().stream().anyMatch(text -> NON_COMMERCIAL.matcher(text).find());
  }

  List<Paragraph> paragraphs() {
    List<Paragraph> all = new ArrayList<>();
    if (areNonCommercial()) {
      all.add(
          new Paragraph(
              "Non-commercial use only",
              "The model's card allows no commercial use of the model, nor of what it writes."));
    }
    all.addAll(ALWAYS);
    add(all, "Licence of the model", stated.license());
    add(all, "Terms of its teacher", stated.teacherTerms());
    add(all, "What it is meant for", stated.intendedUse());
    add(all, "Attribution", stated.attribution());
    if (stated.license() == null) {
      all.add(
          new Paragraph(
              "Licence of the model",
              "The model's card states none: ask whoever runs this page before you use an answer"
                  + " elsewhere."));
    }
    return List.copyOf(all);
  }

  private static void add(List<Paragraph> all, String title, @Nullable String text) {
    if (text != null) {
      all.add(new Paragraph(title, text));
    }
  }

  /** The cookie of whoever agreed to just these terms: others are asked anew. */
  String cookie() {
    return "cria-terms-" + Ids.sha256(model + paragraphs()).substring(0, 16);
  }
}
