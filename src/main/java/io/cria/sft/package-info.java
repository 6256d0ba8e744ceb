@NullMarked
package io.cria.sft;

import org.jspecify.annotations.NullMarked;
