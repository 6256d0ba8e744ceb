@NullMarked
package io.cria.sql;

import org.jspecify.annotations.NullMarked;
