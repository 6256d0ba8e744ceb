@NullMarked
package io.cria.dataset;

import org.jspecify.annotations.NullMarked;
