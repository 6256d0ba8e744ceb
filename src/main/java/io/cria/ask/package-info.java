/**
 * The Spark side of asking: planned requests out to the executors, their answers back out of the
 * ledger. Whatever is paid for goes through here; how one request is sent is {@link io.cria.llm}'s.
 */
@NullMarked
package io.cria.ask;

import org.jspecify.annotations.NullMarked;
