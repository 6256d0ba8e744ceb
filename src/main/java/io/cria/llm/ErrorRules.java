package io.cria.llm;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What a failure that a server tells of means for its request. Codes are looked at before words,
 * both before the status: the same status stands for a spent account and for a pause, for a prompt
 * too long and for a server that is broken.
 */
final class ErrorRules {
  /** No status is known. */
  static final int NONE = 0;

  /** After these no request will be taken: money, key, model, a field the server refuses. */
  private static final Set<String> STOP =
      Set.of(
          "insufficientquota",
          "insufficientuserquota",
          "insufficientbalance",
          "insufficientcredits",
          "insufficientfunds",
          "creditbalanceexhausted",
          "organizationspendlimitexceeded",
          "projectspendlimitexceeded",
          "organizationusagelimitexceeded",
          "enforcedspendlimitreached",
          "exceededcurrentquotaerror",
          "prepaidbalanceexhausted",
          "billinghardlimitreached",
          "billingnotactive",
          "billingdisabled",
          "billingerror",
          "paymentrequired",
          "arrearage",
          "invalidapikey",
          "incorrectapikey",
          "apikeyinvalid",
          "apikeyexpired",
          "apikeyserviceblocked",
          "apikeyipaddressblocked",
          "apikeyhttpreferrerblocked",
          "missingapikey",
          "nokeyprovided",
          "invalidtoken",
          "expiredtoken",
          "accesstokenexpired",
          "authenticationerror",
          "authenticationfailed",
          "invalidauthenticationerror",
          "incorrectapikeyerror",
          "unauthenticated",
          "unauthorized",
          "permissionerror",
          "permissiondenied",
          "accessdenied",
          "accessdeniedexception",
          "accessterminated",
          "unrecognizedclientexception",
          "servicedisabled",
          "accountdeactivated",
          "accountsuspended",
          "failedprecondition",
          "modelnotfound",
          "modelnotexist",
          "modelnotavailable",
          "modelnotsupported",
          "modeldecommissioned",
          "invalidmodel",
          "unknownmodel",
          "deploymentnotfound",
          "notsupportederror",
          "unsupportedparameter",
          "unsupportedvalue",
          "unsupportedapiversion",
          "unsupportedcountryregionterritory",
          "unknownparameter");

  /** These concern this one request, whatever the status. */
  private static final Set<String> REJECT =
      Set.of(
          "contextlengthexceeded",
          "contextwindowexceeded",
          "contextwindowexceedederror",
          "exceedcontextsizeerror",
          "tokenlimitexceeded",
          "stringabovemaxlength",
          "requesttoolarge",
          "contentfilter",
          "contentfiltererror",
          "contentpolicyviolation",
          "contentpolicyviolationerror",
          "responsibleaipolicyviolation",
          "moderationblocked",
          "datainspectionfailed",
          "prohibitedcontent",
          "blocklist",
          "invalidprompt");

  private static final List<String> RATE =
      List.of("ratelimit", "toomanyrequests", "throttl", "resourceexhausted", "slowdown");
  private static final List<String> FLAGGED_CODES =
      List.of(
          "contentpolicy",
          "contentfilter",
          "contentmoderation",
          "moderation",
          "flagged",
          "guardrail",
          "safety",
          "policyviolation",
          "sensitive");
  private static final List<String> VALIDATION =
      List.of(
          "validation",
          "invalidrequest",
          "badrequest",
          "invalidargument",
          "invalidparameter",
          "invalidinput",
          "unprocessable",
          "unsupported");
  private static final List<String> PASSING =
      List.of(
          "overloaded",
          "unavailable",
          "servererror",
          "internal",
          "timeout",
          "deadlineexceeded",
          "capacity",
          "upstream",
          "aborted");

  private static final Pattern TOO_LONG =
      words(
          "context.?(length|size|window)",
          "prompt is too long",
          "input is too long",
          "inputs? must have less than",
          "maximum number of tokens allowed",
          "reduce the length of",
          "tokens? .{0,40}\\+.{0,40}max_new_tokens");
  private static final Pattern TOO_LARGE = words("request too large");
  private static final Pattern RATE_WORDS =
      words(
          "rate.?limit",
          "too many requests",
          "resource.?exhausted",
          "throttl(ed|ing)",
          "(tokens|requests) per (second|minute|hour|day)");
  private static final Pattern MONEY =
      words(
          "insufficient[ _-]?(balance|credits?|funds|quota)",
          "credit balance",
          "(out of|not enough|no|more) credits?\\b",
          "spend(ing)?[ _-]limit",
          "billing (hard limit|is not|has not|disabled)",
          "payment required",
          "(balance|account) .{0,30}(overdue|in arrears|exhausted)");
  private static final Pattern KEY =
      words(
          "(api|access|subscription|auth)[ _-]?(key|token)\\b.{0,40}\\b(not valid|invalid|incorrect"
              + "|expired|missing|required|not found|not provided|disabled|revoked|leaked)",
          "(invalid|incorrect|expired|missing|wrong|no|bad|unknown) (api|access|subscription|auth)"
              + "[ _-]?(key|token)",
          "(account|organi[sz]ation|project) .{0,40}(suspended|deactivated|disabled|terminated|restricted)",
          "(un|not )authori[sz]ed",
          "authentication (failed|required|credentials)",
          "(invalid|missing) credentials",
          "token (is |has )?expired",
          "user location is not supported");
  private static final Pattern MODEL =
      words(
          "model\\b.{0,80}\\b(does not exist|not exist|not found|is not available|is not supported"
              + "|decommissioned)",
          "(unknown|invalid|no such) model",
          "not a valid model");
  private static final Pattern FLAGGED =
      words(
          "flagged",
          "moderation",
          "moderated",
          "content[ _-]?(policy|filter|filtering|management|safety|violat\\w*)",
          "(usage|safety) (policy|policies|guidelines?)",
          "violat\\w+ .{0,40}(policy|policies|guidelines?|terms)",
          "guardrails?",
          "prohibited (content|use)",
          "harmful",
          "inappropriate",
          "unsafe",
          "sensitive (content|words?|information)");

  /** What is refused then is whoever asks, not what is asked. */
  private static final Pattern WHO_ASKS =
      words("(your|this|the) (account|organi[sz]ation|project|api[ _-]?key|key|ip address)\\b");

  private static final Pattern BAD_VALUE =
      words(
          "must (be|have) (less|fewer|more|greater|at most|at least|between|one of|smaller|positive)",
          "invalid (request|input|parameter|value|argument)");

  private ErrorRules() {}

  private static Pattern words(String... alternatives) {
    return Pattern.compile(
        "\\b(?:" + String.join("|", alternatives) + ")", Pattern.CASE_INSENSITIVE);
  }

  /** The outcome of an answer under a status that is no success. */
  static Outcome of(int status, ProviderError error) {
    if (error.hasCode(REJECT) || tellsTooLong(error)) {
      return Outcome.REJECT_ROW;
    }
    boolean mayBeRejected = status == 400 || status == 403 || status == NONE;
    if (mayBeRejected && isFlagged(error)) {
      return Outcome.REJECT_ROW;
    }
    if (status == 429 && tells(TOO_LARGE, error)) {
      return Outcome.REJECT_ROW;
    }
    if (error.hasCode(STOP) || (status < 500 && tellsOfAccount(status, error))) {
      return Outcome.STOP_JOB;
    }
    boolean decided = status == 401 || status == 402 || status == 413;
    if (!decided && isRate(error)) {
      return Outcome.RETRY_RATE;
    }
    if ((status == 400 || status == NONE) && error.hasCodeLike(PASSING)) {
      return Outcome.RETRY_TRANSIENT;
    }
    return byStatus(status, error);
  }

  /**
   * The outcome of a failure told under a status of success: as if it had come with the status it
   * names, or its words do.
   */
  static Outcome underSuccess(ProviderError error) {
    return of(error.status().orElse(NONE), error);
  }

  private static Outcome byStatus(int status, ProviderError error) {
    return switch (status) {
      case NONE ->
          error.hasCodeLike(VALIDATION) || tells(BAD_VALUE, error)
              ? Outcome.REJECT_ROW
              : Outcome.RETRY_TRANSIENT;
      case 420, 429 -> Outcome.RETRY_RATE;
      // 424 and 498 are what generation that failed and a tier without room answer, 499 a gateway
      // whose own wait ended
      case 408, 409, 423, 424, 425, 449, 498, 499 -> Outcome.RETRY_TRANSIENT;
      case 400, 413, 415, 422, 451 -> Outcome.REJECT_ROW;
      case 501, 505, 511 -> Outcome.STOP_JOB;
      default -> status >= 500 ? Outcome.RETRY_TRANSIENT : Outcome.STOP_JOB;
    };
  }

  /** Servers that give the case no code of its own say it in words; pages say many things. */
  private static boolean tellsTooLong(ProviderError error) {
    return !error.isPage() && tells(TOO_LONG, error);
  }

  private static boolean isFlagged(ProviderError error) {
    return error.flags()
        || error.hasCodeLike(FLAGGED_CODES)
        || (!error.isPage() && tells(FLAGGED, error) && !tells(WHO_ASKS, error));
  }

  private static boolean isRate(ProviderError error) {
    return error.hasCodeLike(RATE) || (!error.isPage() && tells(RATE_WORDS, error));
  }

  private static boolean tellsOfAccount(int status, ProviderError error) {
    boolean aboutRequest = status == 400 || status == 403 || status == 422 || status == NONE;
    return !error.isPage()
        && (tells(MONEY, error) || (aboutRequest && (tells(KEY, error) || tells(MODEL, error))));
  }

  private static boolean tells(Pattern words, ProviderError error) {
    return words.matcher(error.message()).find();
  }

  /** Whether a server's words are about a key or the account that it belongs to. */
  static boolean areAboutKey(String words) {
    return KEY.matcher(words).find();
  }

  /** Whether a server's words are about money. */
  static boolean areAboutMoney(String words) {
    return MONEY.matcher(words).find();
  }
}
