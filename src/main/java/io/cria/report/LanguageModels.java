package io.cria.report;

import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import opennlp.tools.langdetect.LanguageDetectorME;
import opennlp.tools.langdetect.LanguageDetectorModel;
import opennlp.tools.postag.POSModel;
import opennlp.tools.postag.POSTaggerME;
import opennlp.tools.tokenize.SimpleTokenizer;

/**
 * Apache OpenNLP's models of English parts of speech and of languages, found on the class path. A
 * Java virtual machine reads them once; a tagger and a detector are one thread's.
 */
final class LanguageModels {
  private static final String POS = "/opennlp-en-ud-ewt-pos-1.3-2.5.4.bin";
  private static final String LANGUAGES = "/langdetect-183.bin";

  /** Fewer letters tell too little: of the Latin script, which many languages share, and others. */
  private static final int LEAST_LATIN = 60;

  private static final int LEAST_OTHER = 12;

  /** More of a text tells no more. */
  private static final int MOST_CHARACTERS = 400;

  /** More tokens than this are not looked at: verb and noun stand at the front. */
  private static final int MOST_TOKENS = 24;

  private static final class Loaded {
    static final POSModel POS_MODEL = read(POS, POSModel::new);
    static final LanguageDetectorModel LANGUAGE_MODEL = read(LANGUAGES, LanguageDetectorModel::new);
  }

  private interface Reader<M> {
    M read(InputStream in) throws IOException;
  }

  private final POSTaggerME tagger = new POSTaggerME(Loaded.POS_MODEL);
  private final LanguageDetectorME detector = new LanguageDetectorME(Loaded.LANGUAGE_MODEL);

  private static <M> M read(String resource, Reader<M> reader) {
    try (InputStream in = LanguageModels.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new CriaException(
            ExitCode.FAULT,
            "a model of Apache OpenNLP is not on the class path, "
                + resource
                + ": add Cria's application jars (lib/app) to it");
      }
      return reader.read(in);
    } catch (IOException e) {
      throw new CriaException(
          ExitCode.FAULT, "a model of Apache OpenNLP cannot be read, " + resource, e);
    }
  }

  /** Verb and noun of an English instruction. */
  Optional<VerbNoun.Pair> verbNoun(String instruction) {
    String[] tokens = SimpleTokenizer.INSTANCE.tokenize(head(instruction));
    List<String> first = new ArrayList<>(List.of(tokens));
    if (first.size() > MOST_TOKENS) {
      first = first.subList(0, MOST_TOKENS);
    }
    return VerbNoun.of(first, List.of(tagger.tag(first.toArray(String[]::new))));
  }

  /** The language that a text is most probably in, by ISO 639-3; empty where it is short. */
  Optional<String> language(String text) {
    String start = head(text);
    Letters letters = Letters.of(start);
    if (letters.all() < (letters.areLatin() ? LEAST_LATIN : LEAST_OTHER)) {
      return Optional.empty();
    }
    return Optional.of(detector.predictLanguage(start).getLang());
  }

  /** Whether most letters of a text are Latin. */
  static boolean isLatin(String text) {
    return Letters.of(head(text)).areLatin();
  }

  private record Letters(long all, long latin) {
    static Letters of(String text) {
      return new Letters(
          text.codePoints().filter(Character::isLetter).count(),
          text.codePoints()
              .filter(Character::isLetter)
              .filter(c -> Character.UnicodeScript.of(c) == Character.UnicodeScript.LATIN)
              .count());
    }

    boolean areLatin() {
      return latin * 2 > all;
    }
  }

  private static String head(String text) {
    return text.length() <= MOST_CHARACTERS ? text : text.substring(0, MOST_CHARACTERS);
  }
}
