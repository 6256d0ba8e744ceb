/**
 * The heuristics a parsed draft must pass before the similarity rule. Each is one small record with
 * one reason; a recipe is a list of names with parameters, so a language's keyword list or word
 * limits are configuration, not code. What the filters for Korean look for by default stands in
 * {@link io.cria.filter.KoreanFilters}; {@link io.cria.filter.Translationese} counts and rejects
 * nothing.
 */
@NullMarked
package io.cria.filter;

import org.jspecify.annotations.NullMarked;
