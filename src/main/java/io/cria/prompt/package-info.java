/**
 * From tasks to the texts a model is asked with, and from finished instances to the texts it is
 * trained with. One class a kind of request: {@link io.cria.prompt.SelfInstructPrompt} and {@link
 * io.cria.prompt.AlpacaPrompt} ask for new tasks, {@link io.cria.prompt.ClassificationPrompt} and
 * {@link io.cria.prompt.InstancePrompt} complete those of Self-Instruct, {@link
 * io.cria.prompt.QuickstartPrompt} does both for a very small model; {@link
 * io.cria.prompt.FineTuningEncoding} lays out an instance as prompt and completion. The words stand
 * in template files ({@link io.cria.prompt.PromptFiles}), the forms which the parsers rely on stand
 * in the classes. Every sample is drawn from {@link io.cria.task.SeededRandom}; nothing here reads
 * a file or a clock.
 */
@NullMarked
package io.cria.prompt;

import org.jspecify.annotations.NullMarked;
