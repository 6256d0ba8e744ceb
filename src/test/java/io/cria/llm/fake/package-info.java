/**
 * Hand-written stand-ins for what the client talks to: a scripted model server, a ledger store in
 * memory, a clock.
 */
@NullMarked
package io.cria.llm.fake;

import org.jspecify.annotations.NullMarked;
