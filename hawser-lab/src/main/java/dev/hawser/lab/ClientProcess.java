package dev.hawser.lab;

import dev.hawser.lab.child.Call;
import dev.hawser.lab.child.ClientMain;
import dev.hawser.lab.child.LabNames;
import dev.hawser.lab.child.Order;
import dev.hawser.lab.child.Task;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A client in a JVM of its own: what it opens is counted apart from others', and what hangs in it
 * is ended with it. Tasks may be given by several threads.
 */
public final class ClientProcess implements AutoCloseable {
  private static final Duration BEGINNING = Duration.ofSeconds(30); // on a machine that is busy
  private static final Duration GRACE = Duration.ofSeconds(10);

  private final Process process;
  private final Path errors;
  private final ObjectOutputStream orders;
  private final Map<Integer, Running> tasks = new ConcurrentHashMap<>();
  private final Map<Integer, CompletableFuture<List<String>>> questions = new ConcurrentHashMap<>();
  private final CountDownLatch ready = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile List<String> set = List.of(); // by the reader, before ready
  private int numbers; // guarded by orders

  /** What the JVM of a client is told. */
  record Jvm(String classPath, List<String> flags, Path errors) {}

  ClientProcess(Jvm jvm, Order.Begin begin) throws IOException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvm.flags());
    if (!begin.dns().isEmpty()) {
      command.add("-D" + LabNames.SERVER + "=" + begin.dns());
    }
    command.addAll(List.of("-cp", jvm.classPath(), ClientMain.class.getName()));
    errors = jvm.errors();
    process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
    // Not a virtual one: reading a pipe holds the carrier, and the lab's servers are without then.
    Thread.ofPlatform().daemon().name("lab-client-output").start(this::read);
    orders = new ObjectOutputStream(process.getOutputStream());
    order(begin);
  }

  private void order(Order order) throws IOException {
    synchronized (orders) {
      orders.writeObject(order);
      orders.reset();
      orders.flush();
    }
  }

  private void read() {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        take(List.of(line.split("\t", -1)));
      }
    } catch (IOException e) {
      // It was ended.
    } finally {
      ended.countDown();
      ready.countDown();
      tasks.values().forEach(running -> running.done.countDown());
    }
  }

  private void take(List<String> fields) {
    switch (fields.getFirst()) {
      case "READY" -> {
        set = fields.stream().skip(1).filter(option -> !option.isEmpty()).toList();
        ready.countDown();
      }
      case "CALL" -> running(fields).add(Call.parse(fields.subList(2, fields.size())));
      case "DONE" -> running(fields).done.countDown();
      case "SAID" -> {
        CompletableFuture<List<String>> asked = questions.remove(Integer.valueOf(fields.get(1)));
        if (asked != null) {
          asked.complete(fields.subList(2, fields.size()));
        }
      }
      default -> {}
    }
  }

  private Running running(List<String> fields) {
    return tasks.computeIfAbsent(Integer.valueOf(fields.get(1)), _ -> new Running());
  }

  /** A task that is under way, or was. */
  public final class Running {
    private final CountDownLatch done = new CountDownLatch(1);
    private final List<Call> calls = new ArrayList<>(); // guarded by this
    private volatile @Nullable Task task;

    private synchronized void add(Call call) {
      calls.add(call);
    }

    /** The calls that have ended so far, in the order in which they did. */
    public synchronized List<Call> soFar() {
      return List.copyOf(calls);
    }

    /**
     * Waits for its end.
     *
     * @throws IOException if the process has ended, or must be ended because this has not
     */
    public List<Call> await() throws IOException, InterruptedException {
      Task running = task;
      Duration most =
          running == null ? GRACE : running.load().length().plus(running.timeout()).plus(GRACE);
      if (!done.await(most.toMillis() * 2, TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        throw new IOException("the client's process did not come to its end");
      }
      if (ended.getCount() == 0) {
        throw new IOException("the client's process has ended: " + lastWords());
      }
      return soFar();
    }
  }

  /** Waits until it can be given tasks. */
  void awaitReady() throws IOException, InterruptedException {
    if (!ready.await(BEGINNING.toMillis(), TimeUnit.MILLISECONDS) || ended.getCount() == 0) {
      throw new IOException("the client's process did not begin: " + lastWords());
    }
  }

  /** What was set beyond the defaults, in the client's words. */
  public List<String> set() {
    return set;
  }

  /** Begins a task. */
  public Running begin(Task task) throws IOException {
    synchronized (orders) {
      numbers++;
      Running running = tasks.computeIfAbsent(numbers, _ -> new Running());
      running.task = task;
      order(new Order.Run(numbers, task));
      return running;
    }
  }

  /** Has a task done. */
  public List<Call> run(Task task) throws IOException, InterruptedException {
    return begin(task).await();
  }

  /**
   * What it knows of a name's addresses: a line for each whom it can name, with what that one says.
   */
  public List<String> addressesBySource(String host) throws IOException, InterruptedException {
    var answer = new CompletableFuture<List<String>>();
    synchronized (orders) {
      numbers++;
      questions.put(numbers, answer);
      order(new Order.Ask(numbers, host));
    }
    try {
      return answer.get(GRACE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      throw new IOException("the client's process did not say what it knows: " + lastWords(), e);
    }
  }

  /** Has it collect garbage, as happens in any service after a while. */
  public void collectGarbage() throws IOException {
    order(new Order.CollectGarbage());
  }

  /** How many sockets it has open; NaN where the system does not tell. */
  public double sockets() {
    return descriptors().sockets();
  }

  /**
   * How many descriptors it has open; NaN where the system does not tell.
   *
   * @param all sockets and others
   */
  public record Descriptors(double all, double sockets) {}

  /** What it has open, by one look. */
  public Descriptors descriptors() {
    Path folder = Path.of("/proc", Long.toString(process.pid()), "fd");
    int all = 0;
    int sockets = 0;
    try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(folder)) {
      for (Path descriptor : descriptors) {
        all++;
        sockets += isSocket(descriptor) ? 1 : 0;
      }
      return new Descriptors(all, sockets);
    } catch (IOException e) {
      return new Descriptors(Double.NaN, Double.NaN);
    }
  }

  private static boolean isSocket(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString().startsWith("socket:");
    } catch (IOException e) {
      return false; // it has just been closed
    }
  }

  /** The CPU time it has used so far, in seconds; NaN where the system does not tell. */
  public double cpuSeconds() {
    return process.info().totalCpuDuration().map(used -> used.toNanos() / 1e9).orElse(Double.NaN);
  }

  /** The memory that it has resident, in MiB; NaN where the system does not tell. */
  public double residentMiB() {
    try {
      return Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status")).stream()
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024)
          .findFirst()
          .orElse(Double.NaN);
    } catch (IOException e) {
      return Double.NaN;
    }
  }

  /** What it has told on standard error, the end of it. */
  String lastWords() {
    try {
      String all = Files.readString(errors).strip();
      return all.substring(Math.max(0, all.length() - 600));
    } catch (IOException e) {
      return "";
    }
  }

  ProcessHandle handle() {
    return process.toHandle();
  }

  /** Ends it, and waits until it has. */
  @Override
  public void close() {
    process.destroyForcibly();
    boolean interrupted = Thread.interrupted(); // it is ended in any case
    try {
      process.waitFor(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
