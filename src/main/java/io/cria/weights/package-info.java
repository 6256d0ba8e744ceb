/**
 * Model weights as files: safetensors (one file, or a directory of shards with an index) and GGUF,
 * read by memory map and written so that other programs load them. A tensor is a name, a {@link
 * io.cria.weights.TensorType}, a shape and little-endian bytes; quantised GGUF blocks are turned
 * into float32 on request. Everything a file claims is checked against its size before the first
 * value is read, and a file that does not hold is refused in one line. Pure functions on arrays and
 * files: no model, no tokenizer, no native library. Of Cria it knows the failure told to the user
 * alone.
 */
@NullMarked
package io.cria.weights;

import org.jspecify.annotations.NullMarked;
