/**
 * A GGUF model served by this machine alone: worker processes with llama.cpp inside, one slot, one
 * thread and one caller each, since more is neither safe nor repeatable, behind one backend. The
 * only place that knows llama.cpp's binding, and only the worker processes load it.
 */
@NullMarked
package io.cria.serve.embedded;

import org.jspecify.annotations.NullMarked;
