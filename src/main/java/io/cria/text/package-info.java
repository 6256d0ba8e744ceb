@NullMarked
package io.cria.text;

import org.jspecify.annotations.NullMarked;
