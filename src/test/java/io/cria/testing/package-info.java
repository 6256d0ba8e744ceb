/** What tests of several packages share. */
@NullMarked
package io.cria.testing;

import org.jspecify.annotations.NullMarked;
