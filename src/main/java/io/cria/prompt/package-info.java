/**
 * From tasks to the texts a model is asked with, and from finished instances to the texts it is
 * trained with. {@link io.cria.prompt.RoundPrompt} asks for new tasks in the manner a recipe names,
 * {@link io.cria.prompt.ClassificationPrompt} and {@link io.cria.prompt.InstancePrompt} complete
 * them, {@link io.cria.prompt.FineTuningEncoding} lays out an instance as prompt and completion.
 * The words stand in template files ({@link io.cria.prompt.PromptFiles}), the forms which the
 * parsers rely on stand in the classes. Every sample is drawn from {@link
 * io.cria.task.SeededRandom}; nothing here reads a file or a clock.
 */
@NullMarked
package io.cria.prompt;

import org.jspecify.annotations.NullMarked;
