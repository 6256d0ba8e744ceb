/**
 * The report of a run: {@link io.cria.report.RunReport} gathers figures from the run's views by
 * Spark ({@link io.cria.report.ReportFigures}), computes what is most alike and what instructions
 * are about where that is not kept yet, and writes one HTML file that needs nothing else.
 */
@NullMarked
package io.cria.report;

import org.jspecify.annotations.NullMarked;
