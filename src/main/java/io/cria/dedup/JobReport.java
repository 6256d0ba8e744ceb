package io.cria.dedup;

import org.jspecify.annotations.Nullable;

/** What was done to files, as it stands beside the result. */
interface JobReport {
  String FILE = "report.json";

  /**
   * Hash of options and inputs: the same job gives the same result. Null in another program's file.
   */
  @Nullable String job();
}
