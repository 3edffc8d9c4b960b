package dev.hawser.faults;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;

/**
 * A port that nobody serves, held until closed.
 *
 * {@snippet :
 * try (var refused = Ports.refused(); var blackhole = Ports.blackhole()) { … }
 * }
 */
public final class Ports implements AutoCloseable {
  private final InetSocketAddress address;
  private final List<Closeable> held;

  private Ports(InetSocketAddress address, List<Closeable> held) {
    this.address = address;
    this.held = held;
  }

  /** A port of 127.0.0.1 that refuses connections. */
  public static Ports refused() throws IOException {
    return refused(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  /** A port that refuses: bound, so that no one else gets it, but not listening. */
  public static Ports refused(InetSocketAddress address) throws IOException {
    var socket = new Socket();
    socket.setReuseAddress(true);
    socket.bind(address);
    return new Ports((InetSocketAddress) socket.getLocalSocketAddress(), List.of(socket));
  }

  /** A port of 127.0.0.1 where connecting gets no answer. */
  public static Ports blackhole() throws IOException {
    return blackhole(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  /**
   * A port where connecting gets no answer: nobody accepts, and the queue is full, so that Linux
   * drops each SYN. Returns once a connection attempt was seen to hang.
   */
  public static Ports blackhole(InetSocketAddress where) throws IOException {
    var held = new ArrayList<Closeable>();
    var listener = new ServerSocket();
    held.add(listener);
    listener.setReuseAddress(true);
    listener.bind(where, 1);
    var address = (InetSocketAddress) listener.getLocalSocketAddress();
    var blackhole = new Ports(address, held);
    for (int i = 0; i < 16; i++) {
      var filler = new Socket();
      held.add(filler);
      try {
        filler.connect(address, 200);
      } catch (SocketTimeoutException e) {
        return blackhole;
      }
    }
    blackhole.close();
    throw new IOException("this kernel accepts connections beyond the queue's length");
  }

  /** Where nobody is. */
  public InetSocketAddress address() {
    return address;
  }

  /** Its port. */
  public int port() {
    return address.getPort();
  }

  @Override
  public void close() throws IOException {
    for (Closeable each : held.reversed()) {
      each.close();
    }
  }
}
