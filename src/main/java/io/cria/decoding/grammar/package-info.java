/**
 * Grammars that answers keep to. A {@link io.cria.decoding.grammar.Grammar} is made of a JSON
 * schema ({@link io.cria.decoding.grammar.JsonSchema}), written for llama.cpp in its own notation
 * (GBNF), and followed byte by byte by an {@link io.cria.decoding.grammar.Automaton}: one meaning
 * for both engines.
 */
@NullMarked
package io.cria.decoding.grammar;

import org.jspecify.annotations.NullMarked;
