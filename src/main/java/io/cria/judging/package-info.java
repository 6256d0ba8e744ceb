/**
 * The page on which people judge: the paper's three questions on examples, blind pairs, and the
 * four levels. A {@link io.cria.judging.Sheet} is what is judged; what raters say goes into their
 * files as {@link io.cria.evaluate.VerdictFile} has them, each verdict before the next text is
 * shown. Knows neither Spark nor who gave the answers.
 */
@NullMarked
package io.cria.judging;

import org.jspecify.annotations.NullMarked;
