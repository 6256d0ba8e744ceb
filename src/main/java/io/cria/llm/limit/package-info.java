/**
 * How much of an endpoint's limits and of a run's caps each of many askers may use: plain
 * arithmetic on a clock that is given, without threads or a network.
 */
@NullMarked
package io.cria.llm.limit;

import org.jspecify.annotations.NullMarked;
