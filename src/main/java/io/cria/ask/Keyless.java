package io.cria.ask;

import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.util.List;
import java.util.TreeSet;

/**
 * A host that was to ask and has not what lets requests in. Where it should stand is told, never
 * what.
 *
 * @param host its name
 * @param what is missing: {@code key}, or the value of a header
 * @param place where it should stand
 * @param trouble what is wrong there
 */
record Keyless(String host, String what, String place, String trouble) {
  /**
   * The one line for all hosts that lack the same as the first.
   *
   * @param all at least one
   * @param local whether the driver itself asks
   * @param sent whether other hosts have sent requests, now or earlier in this invocation
   */
  static CriaException refusal(String baseUrl, List<Keyless> all, boolean local, boolean sent) {
    Keyless first = all.get(0);
    TreeSet<String> hosts = new TreeSet<>();
    for (Keyless each : all) {
      if (each.what().equals(first.what()) && each.place().equals(first.place())) {
        hosts.add(each.host());
      }
    }
    return new CriaException(
        ExitCode.ENDPOINT,
        baseUrl
            + ": no "
            + first.what()
            + ", "
            + first.place()
            + " "
            + first.trouble()
            + " on "
            + String.join(", ", hosts)
            + ": "
            + first.remedy(local)
            + (sent ? "; every answer is kept, nothing more was sent" : "; nothing was sent"));
  }

  private String remedy(boolean local) {
    if (place.startsWith("file ")) {
      return "put it there, alone on one line, readable by whoever runs "
          + (local ? "this" : "the executors");
    }
    boolean isKey = what.equals("key");
    String file = isKey ? "endpoint.keyFile" : "file:PATH in endpoint.headers";
    return (local ? "export it" : "set it for the worker's daemon, which hands it to executors")
        + ", or give "
        + file
        + (local ? "" : ", a file on each host")
        + (isKey ? "; for a server without keys endpoint.keyEnv: none" : "");
  }
}
