package io.cria.task;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Whether a key, and all below it, decides what a directory holds, so that it stays as it was when
 * that was begun. Other keys may change from one invocation to the next. A nearer word counts more:
 * that of a key more than that of the section around it; but below a section that says {@code
 * false} nothing decides.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.RECORD_COMPONENT})
public @interface Decides {
  boolean value() default true;
}
