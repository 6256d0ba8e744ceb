/**
 * From text to token ids and back, and the layouts a model is trained on. A {@link
 * io.cria.tokenizer.ModelTokenizer} comes from a tokenizer.json or is built from a GGUF file's
 * vocabulary; control tokens are recognised only where a layout puts them, never in a user's text.
 * A {@link io.cria.tokenizer.PromptTemplate} turns an example into segments that say which part is
 * learnt; templates are files, or the chat form that a model brings along.
 */
@NullMarked
package io.cria.tokenizer;

import org.jspecify.annotations.NullMarked;
