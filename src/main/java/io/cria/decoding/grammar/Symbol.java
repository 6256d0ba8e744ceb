package io.cria.decoding.grammar;

/** A part of a rule. */
sealed interface Symbol permits Characters, Symbol.Call {
  /** What another rule says, by its number. */
  record Call(int rule) implements Symbol {}
}
