package io.cria.run;

import io.cria.task.Amount;

/**
 * How asking goes at the moment, over all executors.
 *
 * @param requestsPerSecond sent
 * @param tokensPerSecond of the answers, prompts included
 * @param refusedShare share of the latest requests that a rate limit refused, in [0, 1]
 * @param inFlight requests on their way
 * @param window most of them at once
 * @param allowedPerSecond requests a second that the limits allow now; infinite without one
 * @param spent of the caps so far, over all invocations
 * @param reserved of the caps for what is on its way
 * @param cap in each currency
 * @param waitingFor what holds asking up, in a few words: an outage, a pause that was asked for, a
 *     cap that is near; empty where nothing does, be it paced by a limit
 */
public record Pace(
    double requestsPerSecond,
    double tokensPerSecond,
    double refusedShare,
    long inFlight,
    long window,
    double allowedPerSecond,
    Amount spent,
    Amount reserved,
    Amount cap,
    String waitingFor) {}
