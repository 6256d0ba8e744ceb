/**
 * Asks a language model over HTTP and keeps every answer. A request is identified by its content
 * ({@link io.cria.llm.RequestKey}); a {@link io.cria.llm.Dialect} puts it on the wire; {@link
 * io.cria.llm.AnswerClassifier} says what an answer means; {@link io.cria.llm.LedgerWriter} makes
 * the raw answer durable before anybody sees it; and {@link io.cria.llm.ClientStack} assembles the
 * policies (retries, pause, outage, request cap, ledger, price, deadline) as one list. {@link
 * io.cria.llm.EndpointHealth} is what all clients of a process know of an endpoint together. Knows
 * neither Spark nor Hadoop.
 */
@NullMarked
package io.cria.llm;

import org.jspecify.annotations.NullMarked;
