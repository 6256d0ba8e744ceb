/**
 * A run as a whole: its identity, its directory, its lock and status, and the recipe's stages in
 * order. What a scheduler or a person starts comes through {@link io.cria.pipeline.Runner}.
 */
@NullMarked
package io.cria.pipeline;

import org.jspecify.annotations.NullMarked;
