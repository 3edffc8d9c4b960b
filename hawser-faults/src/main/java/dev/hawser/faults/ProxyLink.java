package dev.hawser.faults;

import java.io.IOException;
import java.net.Socket;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * One connection through a {@link FaultProxy}: a reader and a writer for each direction, with a
 * queue between them, so that a delay does not limit what is under way.
 */
final class ProxyLink {
  private static final int PIECE = 16 * 1024;
  private static final int UNDER_WAY = 1024; // pieces

  /** What travels: bytes, or one of the two ways in which a direction ends. */
  private sealed interface Piece {
    long arrival();

    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Bytes(byte[] bytes, long arrival) implements Piece {}

    record Fin(long arrival) implements Piece {}

    record Reset(long arrival) implements Piece {}
  }

  private final Wire wire;
  private final Socket client;
  private final Socket server;
  private final AtomicInteger directionsLeft = new AtomicInteger(2);

  ProxyLink(Wire wire, Socket client, Socket server) {
    this.wire = wire;
    this.client = client;
    this.server = server;
  }

  /** Forwards both ways until both have ended. */
  void run(LongAdder up, LongAdder down) throws InterruptedException {
    Thread[] threads = {
      reader(Wire.Direction.UP, client, server, up),
      reader(Wire.Direction.DOWN, server, client, down)
    };
    for (Thread thread : threads) {
      thread.join();
    }
  }

  private Thread reader(Wire.Direction direction, Socket from, Socket to, LongAdder count) {
    var queue = new ArrayBlockingQueue<Piece>(UNDER_WAY);
    Thread writer = Thread.ofVirtual().start(() -> write(direction, queue, to, count));
    return Thread.ofVirtual()
        .start(
            () -> {
              try {
                read(direction, from, queue);
                writer.join();
              } catch (InterruptedException e) {
                reset();
              }
            });
  }

  private void read(Wire.Direction direction, Socket from, BlockingQueue<Piece> queue)
      throws InterruptedException {
    byte[] buffer = new byte[PIECE];
    long arrival = wire.arrival(direction, System.nanoTime());
    try {
      for (int got = from.getInputStream().read(buffer);
          got >= 0;
          got = from.getInputStream().read(buffer)) {
        arrival = wire.arrival(direction, arrival);
        queue.put(new Piece.Bytes(Arrays.copyOf(buffer, got), arrival));
      }
      queue.put(new Piece.Fin(wire.arrival(direction, arrival)));
    } catch (IOException e) {
      queue.put(new Piece.Reset(wire.arrival(direction, arrival)));
    }
  }

  private void write(
      Wire.Direction direction, BlockingQueue<Piece> queue, Socket to, LongAdder count) {
    try {
      long sent = 0;
      while (true) {
        Piece piece = queue.take();
        wire.awaitTime(piece.arrival());
        switch (piece) {
          case Piece.Bytes(byte[] bytes, long _) -> {
            if (!send(direction, bytes, sent, to, count)) {
              close();
              return;
            }
            sent += bytes.length;
          }
          case Piece.Fin _ -> {
            to.shutdownOutput();
            if (directionsLeft.decrementAndGet() == 0) {
              close();
            }
            return;
          }
          case Piece.Reset _ -> {
            reset();
            return;
          }
        }
      }
    } catch (IOException | InterruptedException e) {
      reset();
    } finally {
      queue.clear(); // lets a reader go on that waits for room, to find its socket closed
    }
  }

  /** Sends; false when the connection is to be cut here. */
  private boolean send(
      Wire.Direction direction, byte[] bytes, long sent, Socket to, LongAdder count)
      throws IOException {
    int most = direction == Wire.Direction.DOWN ? wire.beforeCut(sent, bytes.length) : bytes.length;
    for (int at = 0; at < most; ) {
      int piece = most - at;
      if (direction == Wire.Direction.DOWN) {
        piece = wire.awaitHold(sent + at, piece);
      }
      piece = wire.atOnce(piece);
      wire.awaitTime(System.nanoTime() + wire.transferNanos(piece));
      to.getOutputStream().write(bytes, at, piece);
      count.add(piece);
      at += piece;
    }
    return most == bytes.length;
  }

  private void close() {
    close(client);
    close(server);
  }

  /** Resets both sides. */
  void reset() {
    linger(client);
    linger(server);
    close();
  }

  private static void linger(Socket socket) {
    try {
      socket.setSoLinger(true, 0);
    } catch (IOException e) {
      // closed already
    }
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // closed all the same
    }
  }
}
