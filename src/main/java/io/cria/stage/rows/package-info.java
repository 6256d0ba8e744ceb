/**
 * The tables of a run: their schemas, and records to rows and back. Spark sees domain values only
 * through here.
 */
@NullMarked
package io.cria.stage.rows;

import org.jspecify.annotations.NullMarked;
