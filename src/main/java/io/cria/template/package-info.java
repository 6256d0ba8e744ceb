/**
 * Jinja as chat templates use it: a template's text is parsed once and rendered with the variables
 * of a conversation, giving the text that a model reads and the ranges of it that the template
 * marks as generated. Settings are those of the transformers library (blocks trimmed, a sandbox
 * that changes nothing, loop controls, {@code generation} blocks, its {@code tojson}); values
 * behave and print as Python's. Templates come with foreign models: what is not known is refused
 * when parsing, and steps, nesting and text are bounded when rendering.
 */
@NullMarked
package io.cria.template;

import org.jspecify.annotations.NullMarked;
