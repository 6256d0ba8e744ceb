/**
 * The domain: records for everything a run produces, their ids, and the few interfaces that
 * packages share. Knows the JDK only. Every record validates and copies in its compact constructor,
 * so a value that exists is a value that is right.
 */
@NullMarked
package io.cria.task;

import org.jspecify.annotations.NullMarked;
