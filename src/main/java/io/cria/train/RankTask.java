package io.cria.train;

import io.cria.storage.Json;
import java.io.Serializable;
import java.util.List;
import org.apache.spark.BarrierTaskContext;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.AbstractFunction1;

/** The barrier task of a rank: its number in, its {@link RankReport} as JSON out. */
final class RankTask extends AbstractFunction1<Iterator<Integer>, Iterator<String>>
    implements Serializable {
  private static final long serialVersionUID = 1L;

  private final RankSpec spec;
  private final Counters counters;

  RankTask(RankSpec spec, Counters counters) {
    this.spec = spec;
    this.counters = counters;
  }

  @Override
  public Iterator<String> apply(Iterator<Integer> unused) {
    RankReport report = new Rank(spec, counters, BarrierTaskContext.get()).run();
    return CollectionConverters.asScala(List.of(Json.write(report)).iterator());
  }
}
