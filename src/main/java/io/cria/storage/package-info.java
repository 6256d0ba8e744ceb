@NullMarked
package io.cria.storage;

import org.jspecify.annotations.NullMarked;
