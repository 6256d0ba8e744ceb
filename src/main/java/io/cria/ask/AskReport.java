package io.cria.ask;

import io.cria.task.ExitCode;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * What a task of the paid stage brings home. A task that stopped ends well, with its reason here: a
 * failed task would be tried again by Spark, and would ask the refusing endpoint again.
 *
 * @param terminal requests that came to a terminal outcome
 * @param stopped whether it was asked to stop
 * @param exitCode of the failure
 * @param error the failure's one line; null when there was none
 */
record AskReport(long terminal, boolean stopped, ExitCode exitCode, @Nullable String error)
    implements Serializable {}
