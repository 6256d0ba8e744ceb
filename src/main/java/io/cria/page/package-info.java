/**
 * Pages for a browser: an HTTP server, on the loopback address unless told otherwise, with the
 * rules that keep other sites and whoever lacks the password out, files of the class path, and JSON
 * by Jackson. What the pages are about is handed in as {@link io.cria.page.Routes}; this package
 * knows no run. It stands below {@code serve}, {@code judging} and {@code view}.
 */
@NullMarked
package io.cria.page;

import org.jspecify.annotations.NullMarked;
