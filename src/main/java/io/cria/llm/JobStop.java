package io.cria.llm;

import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The one line that tells why the endpoint stopped the job. */
final class JobStop {
  private static final String MONEY_WANTED =
      "see to credit and limits of the account, then give the same command again";

  /** Of an API in an address: {@code /v1}, {@code /v1beta}. */
  private static final Pattern VERSION = Pattern.compile("/v\\d\\w*(?:/|$)");

  private final Endpoint endpoint;
  private final Credentials credentials;
  private final @Nullable String host;

  /**
   * @param host that asks: keys differ between hosts; null where there is but one
   */
  JobStop(Endpoint endpoint, Credentials credentials, @Nullable String host) {
    this.endpoint = endpoint;
    this.credentials = credentials;
    this.host = host;
  }

  /** Of an answer, or its absence, after which no request will be taken. */
  CriaException because(Step.Attempted last) {
    LedgerRecord record = last.record();
    String error = record.error() == null ? "no message" : record.error();
    boolean answered = record.httpStatus() != null;
    String remedy = answered ? remedy(last, error) : unreachable(error);
    return new CriaException(
        ExitCode.ENDPOINT,
        endpoint.display() + (answered ? " answered " : " failed, ") + error + ": " + remedy);
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
            + ": nothing is lost, see to the server, then give the same command again; where it"
            + " fails for good on a few requests, --close-round does without them");
  }

  /** Of answers in a row that are of no use. */
  CriaException useless(int answers, LedgerRecord last) {
    if (last.outcome() == Outcome.FAILED) {
      return new CriaException(
          ExitCode.ENDPOINT,
          endpoint.display()
              + " left "
              + answers
              + " requests in a row without an answer of use, the last: "
              + words(last)
              + ": see to the server, or give it more time or fewer requests at once, then give the"
              + " same command again");
    }
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

  /** What to do where nobody answers. */
  static String unreachable(String words) {
    if (words.contains(HttpTransport.HOST_NOT_KNOWN)) {
      return "check the host in endpoint.baseUrl";
    }
    if (words.contains(HttpTransport.NOT_SECURE)) {
      return "check scheme, host and port in endpoint.baseUrl, and that this Java trusts the"
          + " server's certificate";
    }
    return "start the server or correct endpoint.baseUrl";
  }

  /** By the words before the status: providers tell of a bad key under 400 and even 200. */
  private String remedy(Step.Attempted last, String words) {
    if (ErrorRules.areAboutKey(words)) {
      return keyWanted();
    }
    if (ErrorRules.areAboutMoney(words)) {
      return MONEY_WANTED;
    }
    return switch (last.status()) {
      case 401, 403 -> keyWanted();
      case 402, 429 -> MONEY_WANTED;
      case ErrorRules.NONE, 404 -> "correct model, endpoint.baseUrl or endpoint.dialect";
      case 407 -> "give the proxy its credentials";
      case 400, 422 -> "correct the model's name or the endpoint's capabilities";
      default -> "correct endpoint.baseUrl" + (lacksVersion(last) ? ", /v1 may be missing" : "");
    };
  }

  private boolean lacksVersion(Step.Attempted last) {
    return last.sign() == Step.Sign.PAGE && !VERSION.matcher(endpoint.baseUrl()).find();
  }

  private String keyWanted() {
    return "give a key that may use this model (now: "
        + credentials.place()
        + (host == null ? "" : " on " + host)
        + ")";
  }
}
