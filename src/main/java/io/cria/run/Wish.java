package io.cria.run;

/**
 * What an invocation is to do beside going on.
 *
 * @param closeRound commit rounds that an earlier invocation left unfinished with the answers they
 *     have, send nothing for them, and begin no round of generation
 * @param retryRejected ask requests again that were rejected, where nothing later hangs on them
 */
public record Wish(boolean closeRound, boolean retryRejected) {
  public static final Wish NONE = new Wish(false, false);
}
