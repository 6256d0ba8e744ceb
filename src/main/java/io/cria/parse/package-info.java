/**
 * From the text of one answer to drafts: instructions with or without an instance, or instances of
 * a known instruction. A draft that did not parse carries its reason, so nothing of an answer but
 * empty list items disappears. The rules are those of the two published programs where they decide
 * what is kept, the quickstart recipe's own, and lenient ones, which read a recipe's own labels in
 * the forms that models write.
 */
@NullMarked
package io.cria.parse;

import org.jspecify.annotations.NullMarked;
