package io.cria.llm;

import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/** The one line that tells why the endpoint stopped the job. */
final class JobStop {
  private final Endpoint endpoint;
  private final Credentials credentials;

  JobStop(Endpoint endpoint, Credentials credentials) {
    this.endpoint = endpoint;
    this.credentials = credentials;
  }

  /** Of an answer, or its absence, after which no request will be taken. */
  CriaException because(LedgerRecord record) {
    String error = record.error() == null ? "no message" : record.error();
    Integer status = record.httpStatus();
    String told =
        status == null
            ? endpoint.display() + " failed, " + error
            : endpoint.display() + " answered " + error;
    return new CriaException(ExitCode.ENDPOINT, told + ": " + remedy(status));
  }

  /** Of an outage that did not end. */
  CriaException down(Instant since, String lastWords) {
    return new CriaException(
        ExitCode.ENDPOINT,
        endpoint.display()
            + " is down since "
            + since.truncatedTo(ChronoUnit.SECONDS)
            + ", "
            + lastWords
            + ": nothing is lost, see to the server, then give the same command again");
  }

  /** Of answers in a row that are of no use. */
  CriaException useless(int answers, LedgerRecord last) {
    return new CriaException(
        ExitCode.ENDPOINT,
        endpoint.display()
            + " gave "
            + answers
            + " answers in a row that are of no use, the last: "
            + words(last)
            + ": look at the address, /v1, model, key, the model's thinking mode and max tokens");
  }

  private static String words(LedgerRecord record) {
    if (record.error() != null) {
      return record.error();
    }
    String finish = record.finishReason() == null ? "none" : record.finishReason();
    return record.outcome().word() + ", no text that can be used (finish_reason " + finish + ")";
  }

  private String remedy(@Nullable Integer status) {
    if (status == null) {
      return "start the server or correct endpoint.baseUrl";
    }
    return switch (status) {
      case 401, 403 -> "give a key that may use this model (now: " + credentials.place() + ")";
      case 402, 429 -> "see to credit and limits of the account, then give the same command again";
      case 404 -> "correct model, endpoint.baseUrl or endpoint.dialect";
      case 407 -> "give the proxy its credentials";
      case 400, 422 -> "correct the model's name or the endpoint's capabilities";
      default -> "correct endpoint.baseUrl";
    };
  }
}
