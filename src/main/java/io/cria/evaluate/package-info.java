/**
 * What judgements of data and of models mean, as plain algorithms: intervals, agreement of raters,
 * the comparison of two models on the same tasks with the rule by which a winner is named, the
 * scale of several, the judge's biases, blind pairs and the strict reading of a judge's answer.
 * Knows {@code task} and the JDK, and commons-math3, which Spark ships, for distributions and
 * linear systems.
 */
@NullMarked
package io.cria.evaluate;

import org.jspecify.annotations.NullMarked;
