@NullMarked
package io.cria.weights;

import org.jspecify.annotations.NullMarked;
