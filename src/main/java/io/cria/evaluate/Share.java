package io.cria.evaluate;

/**
 * A share of an answerer's items.
 *
 * @param yes items that count
 * @param items all that were answered
 * @param asked all there are: answerers that did not answer the same ones compare badly
 * @param share yes of items; 0 without any
 * @param interval of it, 95 % (Wilson)
 */
public record Share(
    String answerer, int yes, int items, int asked, double share, Interval interval) {
  static Share of(String answerer, int yes, int items, int asked) {
    return new Share(
        answerer,
        yes,
        items,
        asked,
        items == 0 ? 0 : (double) yes / items,
        Wilson.interval(yes, items, PairedComparison.CONFIDENCE));
  }
}
