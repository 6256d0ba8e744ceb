@NullMarked
package io.cria.prompt;

import org.jspecify.annotations.NullMarked;
