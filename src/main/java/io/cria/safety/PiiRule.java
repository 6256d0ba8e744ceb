package io.cria.safety;

import java.util.List;

/** Finds one kind in a text. Time grows with the text's length alone, whatever stands in it. */
@FunctionalInterface
interface PiiRule {
  List<PiiMatch> find(String text);
}
