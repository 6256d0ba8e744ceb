/**
 * Training shards: examples as token ids with a mask of what is learnt, packed into rows of the
 * context length, in files that any number of ranks share. Nothing is lost in silence: what does
 * not fit is counted, and cut or dropped as told. A file carries the hashes of its tokenizer and
 * layout and its own checksum, so a shard of another model, or half a shard, is refused in one
 * line; beside the files lies the tokenizer, so that what is learnt can be read ({@link
 * io.cria.shard.ShardExamples}). The order of rows is a function of (seed, epoch) alone.
 */
@NullMarked
package io.cria.shard;

import org.jspecify.annotations.NullMarked;
