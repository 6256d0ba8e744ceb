package io.cria.pipeline;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskStart;

/** Knows the tasks that ask for instances. */
final class PaidTasks extends SparkListener {
  private final Set<Integer> stages = new HashSet<>();
  private final List<Long> started = new ArrayList<>();
  private int attempts;

  @Override
  public synchronized void onStageSubmitted(SparkListenerStageSubmitted submitted) {
    String job = submitted.properties().getProperty("spark.job.description", "");
    if (job.startsWith("cria: ask: instances")) {
      stages.add(submitted.stageInfo().stageId());
    }
  }

  @Override
  public synchronized void onTaskStart(SparkListenerTaskStart start) {
    if (stages.contains(start.stageId())) {
      started.add(start.taskInfo().taskId());
      attempts = Math.max(attempts, start.taskInfo().attemptNumber());
    }
  }

  synchronized void killAll(SparkContext spark) {
    started.forEach(task -> spark.killTaskAttempt(task, false, "a test"));
  }

  synchronized int attempts() {
    return attempts;
  }
}
