@NullMarked
package io.cria.stage;

import org.jspecify.annotations.NullMarked;
