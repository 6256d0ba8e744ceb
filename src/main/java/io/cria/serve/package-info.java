/**
 * One OpenAI-compatible HTTP server on the loopback address. {@link io.cria.serve.OpenAiServer}
 * knows routes, shapes and errors of the API; what answers is a {@link io.cria.serve.Backend}:
 * worker processes with an embedded model ({@code io.cria.serve.embedded}) or any {@link
 * io.cria.task.TextGenerator}.
 */
@NullMarked
package io.cria.serve;

import org.jspecify.annotations.NullMarked;
