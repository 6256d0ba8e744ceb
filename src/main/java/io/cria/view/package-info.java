/**
 * The page on which a run is looked through. Spark reads a table once, in the order of acceptance,
 * into a {@link io.cria.view.Snapshot}: numbers and codes in memory, texts in a temporary file.
 * Searching, filtering and paging need no further job; an example's story is put together from the
 * snapshots and two small queries. Beside {@code report} and with the same rules.
 */
@NullMarked
package io.cria.view;

import org.jspecify.annotations.NullMarked;
