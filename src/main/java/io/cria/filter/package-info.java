/**
 * The heuristics a parsed draft must pass before the similarity rule. Each is one small record with
 * one reason; a recipe is a list of names with parameters, so a language's keyword list or word
 * limits are configuration, not code.
 */
@NullMarked
package io.cria.filter;

import org.jspecify.annotations.NullMarked;
