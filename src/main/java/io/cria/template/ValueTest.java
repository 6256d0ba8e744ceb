package io.cria.template;

/** What {@code value is name(arguments)} asks. */
@FunctionalInterface
interface ValueTest {
  boolean holds(Object value, Arguments arguments);
}
