package dev.hawser.lab.child;

import dev.hawser.lab.client.Answer;
import dev.hawser.lab.client.LabClient;
import dev.hawser.lab.client.Request;
import java.io.PrintStream;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The callers of one task, each on a virtual thread, and a clock on a platform thread that gives up
 * on calls which neither end nor fail: those are told, their caller is interrupted, and it calls no
 * more.
 */
final class TaskRun {
  private static final Duration GRACE = Duration.ofSeconds(1); // a time-out may come late
  private static final Duration TICK = Duration.ofMillis(20);
  private static final int UNTIL_TOLD = Integer.MAX_VALUE;

  private final LabClient client;
  private final Task task;
  private final int number;
  private final PrintStream out;
  private final List<Duration> instants;
  private final Set<Caller> calling = ConcurrentHashMap.newKeySet();
  private final AtomicInteger toCome;
  private final long begun = System.nanoTime();

  TaskRun(LabClient client, Task task, int number, PrintStream out) {
    this.client = client;
    this.task = task;
    this.number = number;
    this.out = out;
    this.instants = task.load().instants(task.seed());
    this.toCome =
        new AtomicInteger(
            switch (task.load()) {
              case Load.Callers load -> load.callers();
              case Load.Steady load -> load.callers();
              case Load.Paced _, Load.Curve _ -> instants.size();
            });
  }

  void start() {
    Thread.ofPlatform().daemon().name("lab-load-" + number).start(this::run);
  }

  private void run() {
    try {
      switch (task.load()) {
        case Load.Callers load -> begin(load.callers(), load.calls());
        case Load.Steady load -> begin(load.callers(), UNTIL_TOLD);
        case Load.Paced _, Load.Curve _ -> pace();
      }
      while (toCome.get() > 0) {
        watch();
        Thread.sleep(TICK);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    synchronized (out) {
      out.println("DONE\t" + number);
      out.flush();
    }
  }

  private void begin(int callers, int calls) {
    for (int i = 0; i < callers; i++) {
      new Caller(i).start(calls);
    }
  }

  private void pace() throws InterruptedException {
    for (int i = 0; i < instants.size(); i++) {
      long due = begun + instants.get(i).toNanos();
      while (due - System.nanoTime() > 0) {
        Thread.sleep(Duration.ofNanos(Math.max(0, Math.min(due - System.nanoTime(), 20_000_000))));
        watch();
      }
      new Caller(i).start(1);
    }
  }

  /** Gives up on who has waited for too long, and sends what has been told. */
  private void watch() {
    long now = System.nanoTime();
    long patience = task.timeout().plus(GRACE).toNanos();
    for (Caller caller : calling) {
      caller.giveUp(now, patience);
    }
    synchronized (out) {
      out.flush();
    }
  }

  /** One of them; its fields are guarded by this. */
  private final class Caller {
    private final int which;
    private final SplittableRandom random;
    private boolean waiting;
    private boolean givenUp;
    private int target;
    private long since;
    private Thread thread = Thread.currentThread(); // until it has begun

    Caller(int which) {
      this.which = which;
      this.random = new SplittableRandom(task.seed() * 1_000_003 + which);
    }

    void start(int calls) {
      calling.add(this);
      Thread.ofVirtual().name("caller-" + which).start(() -> callAll(calls));
    }

    private void callAll(int calls) {
      try {
        for (int i = 0; i < calls && goesOn(); i++) {
          if (i > 0) {
            pause();
          } else {
            spread();
          }
          call((which + i) % task.uris().size());
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt(); // given up
      } finally {
        end();
      }
    }

    private boolean goesOn() {
      return !(task.load() instanceof Load.Steady steady)
          || System.nanoTime() - begun < steady.duration().toNanos();
    }

    private void spread() throws InterruptedException {
      if (task.load() instanceof Load.Callers load) {
        sleep(Duration.ZERO, load.spread());
      }
    }

    private void pause() throws InterruptedException {
      if (task.load() instanceof Load.Callers load) {
        sleep(load.leastPause(), load.mostPause());
      }
    }

    private void sleep(Duration least, Duration most) throws InterruptedException {
      if (most.isPositive()) {
        long nanos = random.nextLong(least.toNanos(), most.toNanos() + 1);
        Thread.sleep(Duration.ofNanos(nanos));
      }
    }

    private void call(int to) throws InterruptedException {
      URI uri = task.uris().get(to);
      begin(to);
      Answer answer = new Answer(0, "");
      String error = "";
      try {
        answer = client.call(new Request(task.method(), uri, task.timeout(), task.reading()));
      } catch (Exception | LinkageError | OutOfMemoryError e) {
        error = e.getClass().getSimpleName() + ": " + e.getMessage() + cause(e);
      }
      if (!told(answer, error)) {
        throw new InterruptedException();
      }
    }

    /** Often says more than the exception itself; so does the first cause of all. */
    private static String cause(Throwable e) {
      Throwable cause = e.getCause();
      if (cause == null) {
        return "";
      }
      Throwable first = cause.getCause();
      while (first != null && first.getCause() != null) {
        first = first.getCause();
      }
      return " (" + cause + ")" + (first == null ? "" : " (" + first + ")");
    }

    private synchronized void begin(int to) {
      thread = Thread.currentThread();
      target = to;
      waiting = true;
      since = System.nanoTime();
    }

    /** Whether anybody still wants to know. */
    private synchronized boolean told(Answer answer, String error) {
      waiting = false;
      if (givenUp) {
        return false;
      }
      tell(answer, error);
      return true;
    }

    private void tell(Answer answer, String error) {
      var call =
          new Call(
              which, target, since, System.nanoTime(), answer.status(), answer.server(), error);
      synchronized (out) {
        out.println(call.line(number));
      }
    }

    synchronized void giveUp(long now, long patience) {
      if (waiting && !givenUp && now - since > patience) {
        tell(new Answer(0, ""), Call.HUNG + " in " + (now - since) / 1_000_000 + " ms");
        thread.interrupt();
        end();
      }
    }

    private synchronized void end() {
      if (!givenUp) {
        givenUp = true;
        calling.remove(this);
        toCome.decrementAndGet();
      }
    }
  }
}
