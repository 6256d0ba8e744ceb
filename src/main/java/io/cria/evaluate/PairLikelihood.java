package io.cria.evaluate;

/**
 * How likely a model holds the two requests of a pair that differ in one group: the natural
 * logarithm of the probability of each one's text.
 *
 * @param id of the pair
 */
public record PairLikelihood(String id, double a, double b) {}
