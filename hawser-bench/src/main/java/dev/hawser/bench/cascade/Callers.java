package dev.hawser.bench.cascade;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Callers of the gateway, each with a connection and a virtual thread of its own. Each asks once a
 * second, or as soon as it has its answer if that took longer. Bare sockets, so that no client
 * stands between the measurement and the gateway.
 */
final class Callers {
  private static final long PERIOD = 1_000_000_000;
  private static final int PATIENCE_MILLIS = 10_000;

  /**
   * One answer.
   *
   * @param at when it came, in nanoseconds since the start
   * @param took since the request
   * @param status 0 if there was none
   */
  record Answer(long at, long took, int status) {
    boolean good() {
      return status == 200;
    }
  }

  private final int port;
  private final long start;
  private final ConcurrentLinkedQueue<Answer> answers = new ConcurrentLinkedQueue<>();
  private final List<Thread> threads = new ArrayList<>();

  Callers(int port, long start) {
    this.port = port;
    this.start = start;
  }

  /** Some more callers, from now until {@code end}. */
  void add(int count, long end) {
    for (int i = 0; i < count; i++) {
      threads.add(Thread.ofVirtual().start(() -> call(end)));
    }
  }

  List<Answer> await() throws InterruptedException {
    for (Thread thread : threads) {
      thread.join();
    }
    return List.copyOf(answers);
  }

  private void call(long end) {
    long due = System.nanoTime() + ThreadLocalRandom.current().nextLong(PERIOD);
    int user = ThreadLocalRandom.current().nextInt(100_000);
    while (due < end) {
      try (var connection = new Connection(port)) {
        while (due < end) {
          sleepUntil(due);
          long asked = System.nanoTime();
          int status = connection.get("/?" + user);
          long now = System.nanoTime();
          answers.add(new Answer(now - start, now - asked, status));
          due = Math.max(now, due + PERIOD);
        }
      } catch (IOException e) {
        long now = System.nanoTime();
        answers.add(new Answer(now - start, Math.max(0, now - due), 0));
        due = Math.max(now, due + PERIOD);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private static void sleepUntil(long due) throws InterruptedException {
    long left = due - System.nanoTime();
    if (left > 0) {
      Thread.sleep(left / 1_000_000, (int) (left % 1_000_000));
    }
  }

  private static final class Connection implements AutoCloseable {
    private final Socket socket = new Socket();
    private final InputStream in;

    Connection(int port) throws IOException {
      socket.connect(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PATIENCE_MILLIS);
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(PATIENCE_MILLIS);
      in = new BufferedInputStream(socket.getInputStream());
    }

    /** The status; the body is read and thrown away. */
    int get(String target) throws IOException {
      String request = "GET " + target + " HTTP/1.1\r\nHost: gateway\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      int status = Integer.parseInt(line().substring(9, 12));
      long length = 0;
      for (String line = line(); !line.isEmpty(); line = line()) {
        if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
          length = Long.parseLong(line.substring(15).strip());
        }
      }
      in.skipNBytes(length);
      return status;
    }

    private String line() throws IOException {
      var line = new StringBuilder();
      for (int b = in.read(); b != '\n'; b = in.read()) {
        if (b < 0) {
          throw new IOException("the gateway has closed the connection");
        }
        if (b != '\r') {
          line.append((char) b);
        }
      }
      return line.toString();
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
