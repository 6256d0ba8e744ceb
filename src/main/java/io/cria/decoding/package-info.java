/**
 * What may be asked of a language model beyond one text, and what comes of it: several prompts, as
 * chats, texts or tokens; several answers to each; how likely every token is; a grammar that
 * answers keep to ({@code io.cria.decoding.grammar}).
 */
@NullMarked
package io.cria.decoding;

import org.jspecify.annotations.NullMarked;
