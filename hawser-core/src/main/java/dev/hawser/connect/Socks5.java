package dev.hawser.connect;

import dev.hawser.Origin;
import dev.hawser.Phase;
import dev.hawser.io.StageFailure;
import dev.hawser.io.Transport;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.PasswordAuthentication;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks a SOCKS proxy, version 5, for a way to an origin (RFC 1928), with a password if it wants one
 * (RFC 1929). The name is the proxy's to resolve.
 */
public final class Socks5 implements Tunnel {
  private static final byte VERSION = 5;
  private static final byte NOTHING = 0;
  private static final byte PASSWORD = 2;
  private static final byte CONNECT = 1;
  private static final byte IPV4 = 1;
  private static final byte NAME = 3;
  private static final byte IPV6 = 4;

  private final Origin origin;
  private final Via via;
  private final @Nullable Supplier<@Nullable PasswordAuthentication> password;

  /**
   * Prepares.
   *
   * @param password null: there is none, and the proxy is told so
   */
  public Socks5(
      Origin origin, Via via, @Nullable Supplier<@Nullable PasswordAuthentication> password) {
    this.origin = origin;
    this.via = via;
    this.password = password;
  }

  @Override
  public boolean open(Transport transport, long deadline) throws StageFailure {
    try {
      transport.deadline(deadline);
      authenticate(transport);
      write(transport, request());
      readReply(transport);
      return true;
    } catch (StageFailure e) {
      throw e;
    } catch (IOException e) {
      if (transport.expired()) {
        throw StageFailure.timeout(
            Phase.PROXY,
            "the SOCKS proxy " + via + " did not answer in time",
            "It is slow, or cannot reach the server; or raise tcp.proxyTimeout");
      }
      throw failed(String.valueOf(e.getMessage()), "", e);
    }
  }

  private void authenticate(Transport transport) throws IOException {
    write(
        transport,
        password == null
            ? new byte[] {VERSION, 1, NOTHING}
            : new byte[] {VERSION, 2, NOTHING, PASSWORD});
    ByteBuffer choice = read(transport, 2);
    if (choice.get() != VERSION) {
      throw failed("it does not speak SOCKS 5", "Check host and port, and the proxy's type", null);
    }
    byte method = choice.get();
    if (method == NOTHING) {
      return;
    }
    PasswordAuthentication known = method == PASSWORD && password != null ? password.get() : null;
    if (known == null) {
      throw failed("it wants a password", "Set an authenticator", null);
    }
    var login = new ByteArrayOutputStream();
    login.write(1);
    sized(login, known.getUserName());
    sized(login, new String(known.getPassword()));
    write(transport, login.toByteArray());
    if (read(transport, 2).get(1) != 0) {
      throw failed("it refuses the password", "The authenticator's is another", null);
    }
  }

  private void sized(ByteArrayOutputStream to, String text) throws StageFailure {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > 255) {
      throw failed("a name or password of more than 255 bytes cannot be told to it", "", null);
    }
    to.write(bytes.length);
    to.writeBytes(bytes);
  }

  private byte[] request() throws StageFailure {
    var request = new ByteArrayOutputStream();
    request.writeBytes(new byte[] {VERSION, CONNECT, 0});
    InetAddress literal = literal(origin.host());
    if (literal == null) {
      request.write(NAME);
      sized(request, origin.host());
    } else {
      request.write(literal instanceof Inet6Address ? IPV6 : IPV4);
      request.writeBytes(literal.getAddress());
    }
    request.write(origin.port() >> 8);
    request.write(origin.port());
    return request.toByteArray();
  }

  private static @Nullable InetAddress literal(String host) {
    try {
      return InetAddress.ofLiteral(host);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /** The address that it has bound is of no interest, but must be read. */
  private void readReply(Transport transport) throws IOException {
    ByteBuffer reply = read(transport, 4);
    if (reply.get(0) != VERSION) {
      throw failed("it does not speak SOCKS 5", "", null);
    }
    if (reply.get(1) != 0) {
      throw failed(
          "it opens no way: " + reason(reply.get(1)), "Check the server, or go another way", null);
    }
    int length =
        switch (reply.get(3)) {
          case IPV4 -> 4;
          case IPV6 -> 16;
          case NAME -> read(transport, 1).get(0) & 0xff;
          default -> throw failed("it tells an address of an unknown kind", "", null);
        };
    var _ = read(transport, length + 2);
  }

  private static String reason(byte code) {
    return switch (code) {
      case 1 -> "general failure";
      case 2 -> "not allowed by its rules";
      case 3 -> "network unreachable";
      case 4 -> "host unreachable";
      case 5 -> "connection refused";
      case 6 -> "expired on the way";
      case 7, 8 -> "not supported";
      default -> "code " + (code & 0xff);
    };
  }

  private StageFailure failed(String problem, String advice, @Nullable IOException cause) {
    return StageFailure.proxy(0, "the SOCKS proxy " + via + ": " + problem, advice, cause);
  }

  private static void write(Transport transport, byte[] bytes) throws IOException {
    transport.write(ByteBuffer.wrap(bytes));
  }

  /** Not a byte more than that: the next ones are the server's. */
  private static ByteBuffer read(Transport transport, int count) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(count);
    while (bytes.hasRemaining()) {
      if (transport.read(bytes) < 0) {
        throw new EOFException("closed in the middle of its answer");
      }
    }
    return bytes.flip();
  }
}
