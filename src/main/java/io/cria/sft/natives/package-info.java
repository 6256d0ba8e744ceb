/**
 * The native library under the engine: loading it, refusing one of another version, moving values
 * between Java arrays and tensors, and telling its errors in the user's words. Natives load once
 * per class loader, and take their thread counts from OMP_NUM_THREADS and OPENBLAS_NUM_THREADS, or
 * else one each.
 */
@NullMarked
package io.cria.sft.natives;

import org.jspecify.annotations.NullMarked;
