/**
 * Whether what lies in a run, a dataset or a model is what was made: bytes against checksums, rows
 * against counts and the tables' contract, ids along their lineage, and what is handed on against
 * what it was made from; judgements against people's files and the judge's answers. Reads alone.
 * Tables of few rows are read once and compared here; nothing else that grows with the rows of a
 * run is held but what reviews and evaluations hold themselves: larger tables are compared by
 * Spark, and of what is wrong the first are kept and the rest counted.
 */
@NullMarked
package io.cria.verify;

import org.jspecify.annotations.NullMarked;
