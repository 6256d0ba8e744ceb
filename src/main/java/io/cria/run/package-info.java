/**
 * A run as tables: what an invocation works with, the tables' columns, records to rows and back,
 * and how tables are published. Below everything that knows Spark; knows no model and no stage.
 */
@NullMarked
package io.cria.run;

import org.jspecify.annotations.NullMarked;
