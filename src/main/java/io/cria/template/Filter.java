package io.cria.template;

/** What {@code value | name(arguments)} does. */
@FunctionalInterface
interface Filter {
  Object apply(Run run, Object value, Arguments arguments);
}
