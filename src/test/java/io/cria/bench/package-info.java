/**
 * A model server for measuring whole runs: loopback HTTP on one thread, answers to the shipped
 * recipes' prompts in their published forms, rate limits and outages on demand, books of what was
 * delivered. {@code scripts/bench run} starts it, and {@code scripts/bench client}, for which two
 * other clients are here too.
 */
@NullMarked
package io.cria.bench;

import org.jspecify.annotations.NullMarked;
