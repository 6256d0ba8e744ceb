/**
 * What a release of data or of a model is safeguarded with, as plain algorithms: the watermark of
 * generated text and its detector, personal and secret texts found by form and checksum, and rules
 * of moderation for each language. Knows no Spark and no model.
 */
@NullMarked
package io.cria.safety;

import org.jspecify.annotations.NullMarked;
