package io.cria.report;

import com.sun.management.OperatingSystemMXBean;
import io.cria.run.DerivedTable;
import io.cria.storage.Hadoop;
import io.cria.storage.RunDirectory;
import io.cria.testing.LocalSpark;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.SparkSession;

/**
 * Measures a report of a large made-up run: {@code ReportMeasure DIRECTORY KEPT [TEXTS]}. The run
 * is made where it is not there; TEXTS is a file of instructions, one a line, to take in place of
 * made-up ones. Prints the seconds of a report with what is computed once, and of one without; and
 * the seconds of processors, which tell more where a machine is shared.
 */
final class ReportMeasure {
  private ReportMeasure() {}

  public static void main(String[] args) throws IOException {
    Path directory = Path.of(args[0]);
    int kept = Integer.parseInt(args[1]);
    SparkSession spark = LocalSpark.session();
    if (!Files.exists(directory)) {
      RunDirectory unused = MadeRun.write(spark, directory, texts(args, kept * 4 / 3), 10_000);
    }
    RunDirectory run = RunDirectory.at(directory.toString(), Hadoop.configuration());
    Clock clock = Clock.systemUTC();
    for (int i = 0; i < 3; i++) {
      DerivedTable.ALL.forEach(table -> run.delete(table.name()));
      timed("with what is computed once", spark, run, clock);
      timed("without", spark, run, clock);
    }
    System.exit(0);
  }

  private static List<String> texts(String[] args, int count) throws IOException {
    if (args.length < 3) {
      return MadeRun.instructions(count);
    }
    List<String> lines = Files.readAllLines(Path.of(args[2]));
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      texts.add(lines.get(i % lines.size()));
    }
    return texts;
  }

  private static void timed(String what, SparkSession spark, RunDirectory run, Clock clock) {
    long begin = System.nanoTime();
    long used = processors();
    RunReport report = new RunReport(spark, run, clock, line -> told(begin, used, line));
    String html = report.html(Long.MAX_VALUE);
    told(begin, used, String.format(Locale.ROOT, "report %s, %,d bytes", what, html.length()));
  }

  private static void told(long begin, long used, String line) {
    System.out.printf(
        Locale.ROOT,
        "%6.1f s (%.1f s of processors) %s%n",
        (System.nanoTime() - begin) / 1e9,
        (processors() - used) / 1e9,
        line);
  }

  private static long processors() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
  }
}
