@NullMarked
package io.cria.serve;

import org.jspecify.annotations.NullMarked;
