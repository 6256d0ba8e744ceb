/**
 * Text as the two published programs see it. They are Python 3, so their white space, digits, word
 * boundaries and case rules are Unicode's and count code points, which Java's own classes do not
 * give: {@code PythonText} and {@code PythonCase} state those rules once. The tokenisation of the
 * similarity rule stands beside them. Knows the JDK only.
 */
@NullMarked
package io.cria.text;

import org.jspecify.annotations.NullMarked;
