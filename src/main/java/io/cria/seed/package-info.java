/**
 * Seed tasks as files: read with their line numbers, and looked over before a run spends money on
 * them (the product behind {@code cria seeds}).
 */
@NullMarked
package io.cria.seed;

import org.jspecify.annotations.NullMarked;
