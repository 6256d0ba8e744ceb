/**
 * Raw answers to candidates or instances by the published rules, file to file, without a run (the
 * product behind {@code cria parse}).
 */
@NullMarked
package io.cria.parsefile;

import org.jspecify.annotations.NullMarked;
