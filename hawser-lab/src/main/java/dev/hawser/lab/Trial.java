package dev.hawser.lab;

import dev.hawser.faults.TestAuthority;
import dev.hawser.faults.Tls;
import dev.hawser.lab.client.PemFolder;
import dev.hawser.lab.client.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One experiment with one client, while it is made: starts the client, and closes what was kept. Of
 * one thread.
 */
public final class Trial implements AutoCloseable {
  private static final Duration STARTING = Duration.ofSeconds(30);

  private final Lab lab;
  private final Experiment experiment;
  private final Subject subject;
  private final Deque<AutoCloseable> kept = new ArrayDeque<>();
  private final Set<String> set = new LinkedHashSet<>();
  private final Phaser starting;
  private boolean arrived;
  private final long begun = System.nanoTime();

  /**
   * One of several.
   *
   * @param starting has a party for each trial that is made at the same time: no client is given
   *     its task while others' processes start, which takes all of a small machine
   */
  Trial(Lab lab, Experiment experiment, Subject subject, Phaser starting) {
    this.lab = lab;
    this.experiment = experiment;
    this.subject = subject;
    this.starting = starting;
  }

  /** The value of a parameter. */
  public <T> T get(Parameter<T> parameter) {
    return parameter.at(lab.scale());
  }

  /** How much time there is. */
  public Scale scale() {
    return lab.scale();
  }

  /** The client. */
  public Subject subject() {
    return subject;
  }

  /** What all randomness comes from. */
  public long seed() {
    return lab.seed();
  }

  /** Randomness of one purpose: the same for each client. */
  public SplittableRandom random(String purpose) {
    return new SplittableRandom(lab.seed() * 31 + purpose.hashCode());
  }

  /** How a server shakes hands whose certificate, for localhost and 127.0.0.1, clients trust. */
  public Tls tls() {
    return lab.tls();
  }

  /** Whom clients trust, for servers with other certificates. */
  public TestAuthority authority() {
    return lab.authority();
  }

  /** A new folder for files, which is deleted with the lab. */
  public Path folder() throws IOException {
    return Files.createTempDirectory(lab.folder(), "files-");
  }

  /** Keeps something, a server for example, until the trial is over, and closes it then. */
  public <T extends AutoCloseable> T keep(T closeable) {
    kept.push(closeable);
    return closeable;
  }

  /** Starts the client's process, which asks the system for names. */
  public ClientProcess client() throws IOException, InterruptedException {
    return client("");
  }

  /**
   * Starts the client's process. It has made some calls, so as to have its code.
   *
   * @param dns the server that it asks for names: {@code 127.0.0.1:5353}
   */
  public ClientProcess client(String dns) throws IOException, InterruptedException {
    return start(dns, List.of());
  }

  /** Starts the client's process, which has its certificates, and whom to trust, from files. */
  public ClientProcess client(PemFolder files) throws IOException, InterruptedException {
    return start("", List.of("-D" + PemFolder.FOLDER + "=" + files.folder()));
  }

  /**
   * Starts the client's process.
   *
   * @param dns the servers that it asks for names, the first first, with commas between
   * @param hosts its hosts file
   */
  public ClientProcess client(String dns, Path hosts) throws IOException, InterruptedException {
    return start(dns, List.of("-D" + subject.client().hostsFileProperty() + "=" + hosts));
  }

  /**
   * Starts one more process of the client, with something else about it, for a comparison within
   * the experiment. To be called before {@link #client()}, which waits for the other clients.
   *
   * @param property of its JVM
   */
  public ClientProcess variant(String property, String value)
      throws IOException, InterruptedException {
    return process("", List.of("-D" + property + "=" + value));
  }

  private ClientProcess start(String dns, List<String> flags)
      throws IOException, InterruptedException {
    ClientProcess client = process(dns, flags);
    started();
    return client;
  }

  private ClientProcess process(String dns, List<String> flags)
      throws IOException, InterruptedException {
    Settings settings =
        switch (subject.setup()) {
          case DEFAULTS -> experiment.needed(lab.scale(), subject.client());
          case BEST -> experiment.best(lab.scale());
          case BARE -> experiment.needed(lab.scale());
        };
    ClientProcess client = keep(lab.start(subject.client(), settings, dns, flags));
    set.addAll(client.set());
    return client;
  }

  private void started() throws InterruptedException {
    if (arrived) {
      return;
    }
    arrived = true;
    int phase = starting.arriveAndDeregister();
    try {
      starting.awaitAdvanceInterruptibly(phase, STARTING.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      // One of the others hangs: it is not waited for.
    }
  }

  /** Makes the experiment and judges it; what goes wrong with it is no client's merit. */
  Result run() throws InterruptedException {
    var figures = new Figures();
    Verdict verdict;
    try (this) {
      figures = experiment.run(this);
      verdict = experiment.verdict(figures);
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      verdict = broken(e.getClass().getSimpleName() + ": " + e.getMessage());
    }
    return result(figures, verdict);
  }

  /** What is said of one that did not come to its end. */
  Result unfinished(Duration limit) {
    return result(new Figures(), broken("it did not end within " + Texts.duration(limit)));
  }

  private static Verdict broken(String why) {
    return Verdict.failed("the experiment could not be made: " + Texts.line(why));
  }

  private Result result(Figures figures, Verdict verdict) {
    Duration took = Duration.ofNanos(System.nanoTime() - begun);
    return new Result(experiment, subject, List.copyOf(set), figures, verdict, took);
  }

  @Override
  public void close() throws IOException {
    if (!arrived) {
      arrived = true;
      starting.arriveAndDeregister(); // it never started
    }
    var problems = new ArrayList<Exception>();
    while (!kept.isEmpty()) {
      try {
        kept.pop().close();
      } catch (Exception e) {
        problems.add(e);
      }
    }
    if (!problems.isEmpty()) {
      throw new IOException("could not be closed: " + problems);
    }
  }
}
