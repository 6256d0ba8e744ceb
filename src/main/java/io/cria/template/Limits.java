package io.cria.template;

/**
 * What a template may use up, far above what chats need. The bounds hold for one rendering; those
 * on texts and lists hold for every single one made on the way.
 */
final class Limits {
  /** A step is one node evaluated; texts and lists cost steps by their size as well. */
  static final long STEPS = 20_000_000;

  /** Nodes, or values within values, inside each other: keeps within a thread's stack. */
  static final int DEPTH = 600;

  /** Brackets and blocks inside each other in the source. */
  static final int NESTING = 60;

  /** UTF-16 units of one text, the output included. */
  static final int TEXT = 16_000_000;

  /** Elements of one list, or parts of a value that is compared. */
  static final int ELEMENTS = 1_000_000;

  /** Bits of an integer. */
  static final int BITS = 65_536;

  /** Digits of an integer in the source. */
  static final int DIGITS = 1000;

  /** UTF-16 units of a text that cost one step. */
  static final int UNITS_PER_STEP = 16;

  private Limits() {}

  static void depth(int depth) {
    if (depth > DEPTH) {
      throw new Fault("more than " + DEPTH + " levels inside each other");
    }
  }

  static void text(long units) {
    if (units > TEXT) {
      throw new Fault("a text of more than " + TEXT + " characters");
    }
  }

  static void elements(long count) {
    if (count > ELEMENTS) {
      throw new Fault("a list of more than " + ELEMENTS + " elements");
    }
  }

  static void parts(long count) {
    if (count > ELEMENTS) {
      throw new Fault("a value of more than " + ELEMENTS + " parts");
    }
  }

  static void bits(long count) {
    if (count > BITS) {
      throw new Fault("an integer of more than " + BITS + " bits");
    }
  }
}
