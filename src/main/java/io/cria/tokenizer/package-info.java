@NullMarked
package io.cria.tokenizer;

import org.jspecify.annotations.NullMarked;
