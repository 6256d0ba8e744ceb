@NullMarked
package io.cria.llm;

import org.jspecify.annotations.NullMarked;
