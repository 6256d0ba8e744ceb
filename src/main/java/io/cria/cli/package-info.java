/**
 * The command line: {@link io.cria.cli.Main} finds a command by its name and loads its class only
 * then, so that {@code --help} needs nothing but this jar and picocli. One class a command; each
 * parses, calls one thing of the packages below, and prints. Every outcome is an {@link
 * io.cria.task.ExitCode}, every failure one line.
 */
@NullMarked
package io.cria.cli;

import org.jspecify.annotations.NullMarked;
