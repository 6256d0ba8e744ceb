/**
 * What lies in Cria's jar beside its classes: the run files, prompts, seeds, templates and prices
 * of {@code conf/}, so that a host needs nothing but the jars. Knows the JDK alone; {@code storage}
 * puts it behind the names a user gives.
 */
@NullMarked
package io.cria.shipped;

import org.jspecify.annotations.NullMarked;
