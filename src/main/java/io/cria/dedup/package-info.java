/**
 * {@code cria dedup}: the similarity rule over any JSON lines, JSON array or Parquet. Spark reads
 * the column and writes the records; the order-true decision is one pass of the engine on the
 * driver. {@link io.cria.dedup.Dedup} is the job in its steps. And {@code cria decontaminate}, what
 * is near an evaluation set: {@link io.cria.dedup.Decontamination} of a run's examples, where they
 * are; {@link io.cria.dedup.NearRecords} of files, read and written as dedup does.
 */
@NullMarked
package io.cria.dedup;

import org.jspecify.annotations.NullMarked;
