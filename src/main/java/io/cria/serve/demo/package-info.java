/**
 * A page to chat with a model. {@link io.cria.serve.demo.DemoPage} lets nobody ask before the terms
 * are accepted, nobody more often than agreed, and shows no sentence that the rules of moderation
 * object to: an answer is cut into sentences while it is written, and each is looked at before it
 * is sent.
 */
@NullMarked
package io.cria.serve.demo;

import org.jspecify.annotations.NullMarked;
