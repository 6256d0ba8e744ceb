/**
 * One class per arrow of the line: seed tasks to prompts, prompts to answers, answers to candidates
 * with verdicts, and on to the dataset. A stage plans, runs and commits; what it does to one record
 * lives in a pure package.
 */
@NullMarked
package io.cria.stage;

import org.jspecify.annotations.NullMarked;
