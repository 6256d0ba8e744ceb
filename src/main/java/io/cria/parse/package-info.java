@NullMarked
package io.cria.parse;

import org.jspecify.annotations.NullMarked;
