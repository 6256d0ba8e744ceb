@NullMarked
package io.cria.shard;

import org.jspecify.annotations.NullMarked;
