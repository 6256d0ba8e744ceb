package io.cria.task;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * What a key of a run file means, at the component of the record that it is read into. Name, type
 * and default are the record's own; what is allowed stands here too where the record checks it, and
 * a test holds the two together.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Key {
  /** The meaning, for whoever writes a run file: one line, without a full stop at its end. */
  String value();

  /**
   * An example, in YAML; a key that has one must be given. Of a section that must be given, the
   * example follows from its keys, and any text will do here.
   */
  String needed() default "";

  /** What holds where the key is left out, if that follows from other keys. */
  String otherwise() default "";

  /**
   * The name of a public constant, a list of the texts that are allowed: of this record, of one
   * around it, or, as {@code Type.NAME}, of a type beside it.
   */
  String oneOf() default "";

  /** A regular expression of the whole text. */
  String form() default "";

  /** The least number allowed. */
  double min() default Double.NEGATIVE_INFINITY;

  /** A number that is too low by nothing. */
  double above() default Double.NEGATIVE_INFINITY;

  /** The greatest number allowed. */
  double max() default Double.POSITIVE_INFINITY;

  /** A number that is too high by nothing. */
  double below() default Double.POSITIVE_INFINITY;

  /** Keys of the section's record that a run file does not have here. */
  String[] without() default {};
}
