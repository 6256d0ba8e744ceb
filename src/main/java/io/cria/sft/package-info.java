/**
 * The fine-tuning engine for LLaMA-family models on libtorch: {@code sft.model} is the decoder,
 * {@code sft.train} the training loop, {@code sft.ranks} several processes that train one model,
 * {@code sft.generate} generation from a checkpoint, {@code sft.natives} what touches the native
 * library itself. It runs without Spark; {@link io.cria.sft.Main} is its own command.
 */
@NullMarked
package io.cria.sft;

import org.jspecify.annotations.NullMarked;
