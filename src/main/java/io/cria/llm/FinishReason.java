package io.cria.llm;

import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a server's word for the end of an answer means. Servers and gateways spell it in many ways:
 * case, separators and a class name before a dot ({@code FinishReason.MAX_TOKENS}) do not matter.
 */
public enum FinishReason {
  /** The model came to its end; also where no word was given. */
  COMPLETE,
  /** A limit on tokens or time ended the answer before the model did. */
  CUT,
  /** A filter took the answer, or its rest, away. */
  FILTERED,
  /** The model or a guard declined to answer. */
  REFUSED,
  /** The server failed in mid-answer: what there is of it is no answer. */
  FAILED,
  /** A word that nobody knows: not to be taken for complete. */
  UNKNOWN;

  private static final Set<String> COMPLETE_WORDS =
      Set.of(
          "null",
          "none",
          "stop",
          "stopped",
          "eos",
          "eostoken",
          "eot",
          "eottoken",
          "eom",
          "endofturn",
          "endoftext",
          "endofsequence",
          "endturn",
          "end",
          "ended",
          "stopsequence",
          "stopsequences",
          "stopstring",
          "stopstr",
          "stopword",
          "stoptoken",
          "word",
          "complete",
          "completed",
          "completion",
          "done",
          "finish",
          "finished",
          "normal",
          "success");

  private static final Set<String> CUT_WORDS =
      Set.of(
          "length",
          "limit",
          "lengthlimit",
          "lengthexceeded",
          "maxlength",
          "maxtoken",
          "maxtokens",
          "maxnewtokens",
          "maxoutputtokens",
          "maxcompletiontokens",
          "maxtokensreached",
          "maxtokensexceeded",
          "maxcontextlength",
          "modellength",
          "tokenlimit",
          "tokenlimitreached",
          "tokenlimitexceeded",
          "outputlimit",
          "contextlength",
          "contextlengthexceeded",
          "contextlimit",
          "contextwindow",
          "contextwindowexceeded",
          "modelcontextwindowexceeded",
          "errorlimit",
          "timelimit",
          "truncated",
          "incomplete",
          "notfinished",
          "repetitiontruncation");

  private static final Set<String> FILTERED_WORDS =
      Set.of(
          "contentfilter",
          "contentfiltered",
          "filter",
          "filtered",
          "flagged",
          "moderation",
          "moderated",
          "sensitive",
          "safety",
          "imagesafety",
          "recitation",
          "blocklist",
          "blocked",
          "prohibitedcontent",
          "spii",
          "language",
          "errortoxic",
          "toxic",
          "modelarmor",
          "guardrail",
          "guardrails",
          "guardrailintervened",
          "contentpolicy",
          "contentpolicyviolation",
          "policyviolation");

  private static final Set<String> REFUSED_WORDS = Set.of("refusal", "refused", "refuse");

  private static final Set<String> FAILED_WORDS =
      Set.of(
          "error",
          "failed",
          "failure",
          "servererror",
          "internalerror",
          "networkerror",
          "upstreamerror",
          "engineerror",
          "generationerror",
          "insufficientsystemresource",
          "abort",
          "aborted",
          "cancel",
          "canceled",
          "cancelled",
          "usercancel",
          "usercancelled",
          "disconnect",
          "disconnected",
          "interrupted",
          "timeout",
          "timedout",
          "load",
          "unload");

  /** The meaning of a word; null, where the server gave none, counts as complete. */
  public static FinishReason of(@Nullable String word) {
    if (word == null || word.isBlank()) {
      return COMPLETE;
    }
    String bare = bare(word);
    if (COMPLETE_WORDS.contains(bare)) {
      return COMPLETE;
    }
    if (CUT_WORDS.contains(bare)) {
      return CUT;
    }
    if (FILTERED_WORDS.contains(bare)) {
      return FILTERED;
    }
    if (REFUSED_WORDS.contains(bare)) {
      return REFUSED;
    }
    return FAILED_WORDS.contains(bare) ? FAILED : UNKNOWN;
  }

  /** Whether an answer that ended with that word lacks its end, as far as one can know. */
  public static boolean isCut(@Nullable String word) {
    FinishReason reason = of(word);
    return reason == CUT || reason == UNKNOWN;
  }

  private static String bare(String word) {
    String last = word.strip();
    last = last.substring(last.lastIndexOf('.') + 1);
    StringBuilder letters = new StringBuilder();
    last.toLowerCase(Locale.ROOT)
        .codePoints()
        .filter(Character::isLetterOrDigit)
        .forEach(letters::appendCodePoint);
    String bare = letters.toString();
    return bare.startsWith("finishreason") && bare.length() > "finishreason".length()
        ? bare.substring("finishreason".length())
        : bare;
  }
}
