package dev.hawser.lab;

import dev.hawser.lab.client.Client;
import dev.hawser.lab.client.Setup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Which experiments are made, one after the other, and with whom, side by side. */
public record Programme(List<Experiment> experiments, List<Subject> subjects) {
  /** A trial may take so much longer than it should before it is given up. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** Is told how it goes. */
  public interface Watcher {
    /** An experiment begins; {@code left} is how long all that is to be done takes, about. */
    void begins(Experiment experiment, int number, Duration left);

    /** A client is done with; called by one thread at a time. */
    void ended(Result result);
  }

  /** Copies the lists. */
  public Programme {
    experiments = List.copyOf(experiments);
    subjects = List.copyOf(subjects);
  }

  /**
   * Makes all of them.
   *
   * @throws InterruptedException if this thread is interrupted; nothing is running any more then
   */
  public List<Result> run(Lab lab, Watcher watcher) throws InterruptedException {
    var results = new ArrayList<Result>();
    for (int i = 0; i < experiments.size(); i++) {
      watcher.begins(experiments.get(i), i + 1, left(lab.scale(), i));
      results.addAll(run(lab, experiments.get(i), watcher));
    }
    return results;
  }

  /** How long the experiments take, about, from this one on. */
  private Duration left(Scale scale, int from) {
    Duration left = Duration.ZERO;
    for (Experiment experiment : experiments.subList(from, experiments.size())) {
      left = left.plus(takes(experiment, scale));
    }
    return left;
  }

  private Duration takes(Experiment experiment, Scale scale) {
    int rounds = Math.ceilDiv(suited(experiment, scale).size(), experiment.sideBySide());
    return experiment.takes(scale).multipliedBy(rounds);
  }

  private List<Subject> suited(Experiment experiment, Scale scale) {
    return subjects.stream().filter(subject -> suits(experiment, scale, subject)).toList();
  }

  private static boolean suits(Experiment experiment, Scale scale, Subject subject) {
    Client client = subject.client();
    boolean another = !experiment.needed(scale, client).equals(experiment.needed(scale));
    return experiment.suits(client) && (subject.setup() != Setup.BARE || another);
  }

  private List<Result> run(Lab lab, Experiment experiment, Watcher watcher)
      throws InterruptedException {
    var results = new ArrayList<Result>();
    List<Subject> suited = suited(experiment, lab.scale());
    for (int i = 0; i < suited.size(); i += experiment.sideBySide()) {
      int end = Math.min(i + experiment.sideBySide(), suited.size());
      results.addAll(sideBySide(lab, experiment, suited.subList(i, end), watcher));
    }
    return results;
  }

  private static List<Result> sideBySide(
      Lab lab, Experiment experiment, List<Subject> some, Watcher watcher)
      throws InterruptedException {
    Duration limit = experiment.takes(lab.scale()).multipliedBy(2).plus(PATIENCE);
    long deadline = System.nanoTime() + limit.toNanos();
    var starting = new Phaser(some.size());
    ExecutorService threads = Executors.newFixedThreadPool(some.size());
    try {
      var running = new LinkedHashMap<Trial, Future<Result>>();
      for (Subject subject : some) {
        var trial = new Trial(lab, experiment, subject, starting);
        running.put(trial, threads.submit(() -> told(trial.run(), watcher)));
      }
      var results = new ArrayList<Result>();
      for (Map.Entry<Trial, Future<Result>> each : running.entrySet()) {
        results.add(result(each.getKey(), each.getValue(), deadline, limit));
      }
      return results;
    } finally {
      threads.shutdownNow();
      threads.close(); // also interrupted, it waits: trials close what they have started
    }
  }

  private static Result told(Result result, Watcher watcher) {
    synchronized (watcher) {
      watcher.ended(result);
    }
    return result;
  }

  private static Result result(Trial trial, Future<Result> future, long deadline, Duration limit)
      throws InterruptedException {
    try {
      return future.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      future.cancel(true);
      return trial.unfinished(limit);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }
}
