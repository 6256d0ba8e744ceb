@NullMarked
package io.cria.config;

import org.jspecify.annotations.NullMarked;
