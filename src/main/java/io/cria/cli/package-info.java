@NullMarked
package io.cria.cli;

import org.jspecify.annotations.NullMarked;
