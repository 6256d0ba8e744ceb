/**
 * Text from a checkpoint: prompts are read once each, then all rows of a batch go on together over
 * a key-value cache.
 */
@NullMarked
package io.cria.sft.generate;

import org.jspecify.annotations.NullMarked;
