package dev.hawser.lab.client;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/** A client as its users use it: calls block, on virtual threads, many at once. */
public interface LabClient extends AutoCloseable {
  /** Calls, and does with the body as asked. */
  Answer call(Request request) throws Exception;

  /**
   * Where the client has the addresses of this name from, as far as it lets its user know: {@code
   * hosts file (/etc/hosts): 127.0.0.2}, for example, and a line for each that it can tell apart.
   * Clients that have no resolver of their own can only be asked what the JVM's says.
   */
  default List<String> addressesBySource(String host) throws Exception {
    return List.of(said("InetAddress", Arrays.asList(InetAddress.getAllByName(host))));
  }

  @Override
  void close() throws Exception;

  /** A line of {@link #addressesBySource}. */
  static String said(String source, Collection<InetAddress> addresses) {
    return source
        + ": "
        + (addresses.isEmpty()
            ? "nothing"
            : addresses.stream().map(InetAddress::getHostAddress).collect(Collectors.joining(" ")));
  }

  /** A byte, if there is one. */
  static void readSome(InputStream body) throws IOException {
    int first = body.read();
    if (first < 0) {
      throw new IOException("a body was expected");
    }
  }
}
