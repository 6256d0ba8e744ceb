package io.cria.ask;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the ledger tells of requests.
 *
 * @param winners the best line of each
 * @param highest the highest attempt of each
 * @param segments that hold lines of theirs
 */
record KnownRequests(
    Map<String, LedgerScan.Seen> winners, Map<String, Integer> highest, Set<String> segments) {
  static final KnownRequests NONE = new KnownRequests(Map.of(), Map.of(), Set.of());

  static KnownRequests of(LedgerScan.Result scan, Set<String> keys) {
    List<LedgerScan.Seen> theirs =
        scan.seen().stream().filter(seen -> keys.contains(seen.entry().requestKey())).toList();
    Map<String, Integer> highest = new HashMap<>();
    Set<String> segments = new HashSet<>();
    for (LedgerScan.Seen seen : theirs) {
      highest.merge(seen.entry().requestKey(), seen.entry().attempt(), Math::max);
      segments.add(seen.segment());
    }
    return new KnownRequests(Settlement.winners(theirs), highest, segments);
  }
}
