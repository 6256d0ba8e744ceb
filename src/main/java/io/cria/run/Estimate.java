package io.cria.run;

import io.cria.task.Amount;

/**
 * What one request of a stage is thought to take before any was sent.
 *
 * @param expected on average
 * @param worst at most
 */
public record Estimate(Amount expected, Amount worst) {}
