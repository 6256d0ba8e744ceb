package io.cria.ask;

import io.cria.run.AskContext;
import io.cria.storage.RunDirectory;
import java.io.Closeable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.filter2.compat.FilterCompat;
import org.apache.parquet.filter2.predicate.FilterApi;

/**
 * The planned requests of one part, read where they are wanted: a task reads its own rows, so that
 * no driver holds them and no shuffle stands before what is paid.
 */
final class RequestFile implements Iterator<PlannedRequest>, Closeable {
  private final String stage;
  private final int round;
  private final ParquetGroups groups;

  private RequestFile(String stage, int round, ParquetGroups groups) {
    this.stage = stage;
    this.round = round;
    this.groups = groups;
  }

  /** Opens the rows of a part from {@code from} to before {@code to}, counted within the round. */
  static RequestFile open(
      RunDirectory run, Configuration hadoop, String stage, OpenPart part, int from, int to) {
    FilterCompat.Filter rows =
        FilterCompat.get(
            FilterApi.and(
                FilterApi.gtEq(FilterApi.intColumn("row"), from),
                FilterApi.lt(FilterApi.intColumn("row"), to)));
    return new RequestFile(
        stage, part.part().round(), ParquetGroups.open(run, hadoop, part.file(), rows));
  }

  /** The request keys of a part, in the order of its rows. */
  static List<String> keys(AskContext context, OpenPart part) {
    List<String> keys = new ArrayList<>(part.rows());
    try (ParquetGroups groups =
        ParquetGroups.open(
            context.run(),
            context.spark().sparkContext().hadoopConfiguration(),
            part.file(),
            FilterCompat.NOOP)) {
      groups.forEachRemaining(group -> keys.add(group.getString("request_key", 0)));
    }
    return keys;
  }

  @Override
  public boolean hasNext() {
    return groups.hasNext();
  }

  @Override
  public PlannedRequest next() {
    return RequestRows.planned(groups.next(), stage, round);
  }

  @Override
  public void close() {
    groups.close();
  }
}
