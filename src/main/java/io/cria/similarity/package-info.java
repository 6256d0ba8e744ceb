@NullMarked
package io.cria.similarity;

import org.jspecify.annotations.NullMarked;
