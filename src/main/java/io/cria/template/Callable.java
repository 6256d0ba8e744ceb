package io.cria.template;

/** A macro, a method bound to its value, or a function of the environment. */
@FunctionalInterface
interface Callable {
  Object call(Run run, Arguments arguments);
}
