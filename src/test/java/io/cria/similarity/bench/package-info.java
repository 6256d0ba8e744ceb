/**
 * The similarity engine's benchmark: a seeded generator of instruction-like texts of any number,
 * and the program that {@code scripts/bench} calls.
 */
@NullMarked
package io.cria.similarity.bench;

import org.jspecify.annotations.NullMarked;
