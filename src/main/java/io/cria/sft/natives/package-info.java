/**
 * The native library under the engine: loading it, refusing one of another version, moving values
 * between Java arrays and tensors, and telling its errors in the user's words. Natives load once
 * per class loader, and libtorch takes its thread counts from the environment (OMP_NUM_THREADS,
 * OPENBLAS_NUM_THREADS), which the launcher sets.
 */
@NullMarked
package io.cria.sft.natives;

import org.jspecify.annotations.NullMarked;
