/**
 * A model server for measuring whole runs: loopback HTTP on one thread, answers to the shipped
 * recipes' prompts in their published forms, books of what was delivered. {@code scripts/bench run}
 * starts it.
 */
@NullMarked
package io.cria.bench;

import org.jspecify.annotations.NullMarked;
