@NullMarked
package io.cria.filter;

import org.jspecify.annotations.NullMarked;
