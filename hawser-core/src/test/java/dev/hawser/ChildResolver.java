package dev.hawser;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.spi.InetAddressResolver;
import java.net.spi.InetAddressResolverProvider;
import java.util.stream.Stream;

/** A program with a resolver of its own under InetAddress (JEP 418), for MachineTest. */
public final class ChildResolver extends InetAddressResolverProvider {
  @Override
  public InetAddressResolver get(Configuration configuration) {
    return new InetAddressResolver() {
      @Override
      public Stream<InetAddress> lookupByName(String host, LookupPolicy policy)
          throws UnknownHostException {
        if (!host.equals("made.up")) {
          throw new UnknownHostException(host);
        }
        return Stream.of(InetAddress.ofLiteral("127.0.0.1"));
      }

      @Override
      public String lookupByAddress(byte[] address) throws UnknownHostException {
        throw new UnknownHostException();
      }
    };
  }

  @Override
  public String name() {
    return "child";
  }

  public static void main(String[] args) throws Exception {
    try (var client = Hawser.newBuilder().build()) {
      for (String uri : args) {
        try {
          HttpRequest request = HttpRequest.newBuilder(URI.create(uri)).build();
          System.out.println(client.send(request, BodyHandlers.ofString()).body());
        } catch (ConnectFailedException e) {
          System.out.println(e.getMessage());
        }
      }
      client
          .snapshot()
          .names()
          .forEach(
              name -> System.out.println(name.host() + " " + name.type() + " " + name.source()));
    }
  }
}
