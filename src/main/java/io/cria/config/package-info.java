/**
 * Typed, validated run configuration. A file is YAML; an unknown key is an error that names the
 * nearest known one. {@link io.cria.config.Identity} decides what a run is and is hashed into its
 * run.json; {@link io.cria.config.Operation} may change from one invocation to the next.
 */
@NullMarked
package io.cria.config;

import org.jspecify.annotations.NullMarked;
