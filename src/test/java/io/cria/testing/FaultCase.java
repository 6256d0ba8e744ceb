package io.cria.testing;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a test that shows what Cria does about a case of the table of faults, by the case's number.
 * The table stands in {@code FaultCasesTest}, which fails for a case without a test.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface FaultCase {
  /** Numbers of the cases. */
  int[] value();
}
