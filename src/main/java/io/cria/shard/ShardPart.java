package io.cria.shard;

import io.cria.task.TrainingExample;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * One part of a dataset on its way into shards: its training examples go to {@value #TRAINING}, the
 * held-out ones to {@value #EVALUATION} below the directory. Give the part's examples in their
 * order, then {@link #finish}.
 */
public final class ShardPart {
  public static final String TRAINING = "train";
  public static final String EVALUATION = "evaluation";

  private final HeldOut heldOut;
  private final ShardWriter training;
  private final ShardWriter evaluation;

  /**
   * @param number of the part in the dataset, from 0
   */
  public ShardPart(
      Path directory, int number, ExampleEncoder encoder, ShardPlan plan, HeldOut heldOut) {
    String prefix = String.format(Locale.ROOT, "part-%05d", number);
    this.heldOut = heldOut;
    this.training = new ShardWriter(directory.resolve(TRAINING), prefix, encoder, plan.options());
    this.evaluation =
        new ShardWriter(directory.resolve(EVALUATION), prefix, encoder, plan.options());
  }

  public void add(TrainingExample example) {
    (heldOut.holds(example.instruction()) ? evaluation : training).add(example);
  }

  /** Writes what is left; the manifests are the caller's, once all parts are written. */
  public Written finish() {
    return new Written(split(training), split(evaluation));
  }

  private static Split split(ShardWriter writer) {
    List<String> files = writer.finish();
    return new Split(files, writer.counts());
  }

  /**
   * What one side holds.
   *
   * @param files names in order
   */
  public record Split(List<String> files, ShardCounts counts) implements Serializable {
    static final Split NONE = new Split(List.of(), ShardCounts.NONE);

    public Split {
      files = List.copyOf(files);
    }

    Split plus(Split next) {
      return new Split(
          java.util.stream.Stream.concat(files.stream(), next.files.stream()).toList(),
          counts.plus(next.counts));
    }
  }

  /** Both sides. */
  public record Written(Split training, Split evaluation) implements Serializable {
    public static final Written NONE = new Written(Split.NONE, Split.NONE);

    /** This part and the next one as one. */
    public Written plus(Written next) {
      return new Written(training.plus(next.training), evaluation.plus(next.evaluation));
    }

    /** Examples given to both sides together. */
    public long examples() {
      return training.counts().examples() + evaluation.counts().examples();
    }

    /** One line for a person. */
    public String describe(int contextLength) {
      ShardCounts learnt = training.counts();
      ShardCounts held = evaluation.counts();
      long cut = learnt.cut() + held.cut();
      long dropped = learnt.dropped() + held.dropped();
      long unlabelled = learnt.withoutLabels() + held.withoutLabels();
      String refused = learnt.plus(held).describeRefusals();
      return String.format(
          Locale.ROOT,
          "%d examples: %d to train on in %d rows of %d tokens (%.0f %% full), %d held out;"
              + " too long: %d cut, %d left out; without an answer: %d%s",
          examples(),
          learnt.written(),
          learnt.rows(),
          contextLength,
          100 * learnt.fill(contextLength),
          held.written(),
          cut,
          dropped,
          unlabelled,
          refused.isEmpty() ? "" : "; not taken by the layout: " + refused);
    }
  }
}
