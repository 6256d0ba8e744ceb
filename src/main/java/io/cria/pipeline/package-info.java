@NullMarked
package io.cria.pipeline;

import org.jspecify.annotations.NullMarked;
