/**
 * A run as Spark SQL sees it: {@link io.cria.sql.RunViews} puts a temporary view under each table's
 * name. Reads what is published; a run under way is never disturbed. {@link
 * io.cria.sql.CriaExtensions} brings the functions of similarity to any session.
 */
@NullMarked
package io.cria.sql;

import org.jspecify.annotations.NullMarked;
