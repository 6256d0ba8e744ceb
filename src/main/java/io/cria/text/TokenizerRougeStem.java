package io.cria.text;

/**
 * The tokens of the Python package rouge-score with its stemming, by which the published
 * evaluations score answers against references: those of {@link TokenizerRougeEn}, each of more
 * than three characters as its {@link PorterStemmer} stem.
 */
final class TokenizerRougeStem implements Tokenizer {
  static final String NAME = "rouge-en-stem";
  static final TokenizerRougeStem INSTANCE = new TokenizerRougeStem();

  private static final int LONGEST_AS_IT_IS = 3;

  private TokenizerRougeStem() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public void scan(String text, Sink sink) {
    TokenizerRougeEn.INSTANCE.scan(
        text,
        (buffer, start, end) -> {
          if (end - start <= LONGEST_AS_IT_IS) {
            sink.token(buffer, start, end);
          } else {
            // a stem is never longer than its word
            String stem = PorterStemmer.stem(new String(buffer, start, end - start));
            stem.getChars(0, stem.length(), buffer, start);
            sink.token(buffer, start, start + stem.length());
          }
        });
  }
}
