/**
 * What a run hands out: examples as text in the formats that trainers read ({@link
 * io.cria.dataset.ExampleFormat}), the choice and order of a fine-tuning file ({@link
 * io.cria.dataset.FineTuningSelection}), and the dataset card ({@link
 * io.cria.dataset.DatasetCard}). Pure: ordered examples go in, text comes out, equal for equal
 * examples to the byte; where the text lies is the business of {@code storage}.
 */
@NullMarked
package io.cria.dataset;

import org.jspecify.annotations.NullMarked;
