/**
 * Several processes that train one model: the group they compute in ({@code c10d}: Gloo between
 * processors, NCCL between GPUs), the heartbeats by which they notice that one of them is gone, and
 * {@link io.cria.sft.ranks.RankMain}, the process of one rank, with the lines that it and its
 * parent exchange. Those lines' classes load no native library, so a parent may use them anywhere.
 */
@NullMarked
package io.cria.sft.ranks;

import org.jspecify.annotations.NullMarked;
