package dev.hawser.lab.child;

import dev.hawser.lab.client.Client;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.net.spi.InetAddressResolver;
import java.net.spi.InetAddressResolverProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/**
 * The JVM's resolver in a client's process: asks the lab's DNS server instead of the system, as the
 * system's resolver would: the hosts file first, if {@link Client#HOSTS_FILE} names one, then each
 * server, five seconds and two attempts. The JVM's cache stays in front of it, as it is. Where
 * {@value #SERVER} is not set, the system's resolver answers.
 */
public final class LabNames extends InetAddressResolverProvider {
  /**
   * The property that says where the lab's DNS server is: {@code 127.0.0.1:5353}; or several, the
   * first first, with commas between.
   */
  public static final String SERVER = "hawser.lab.dns";

  private static final int TIMEOUT_MILLIS = 5_000; // glibc's
  private static final int ATTEMPTS = 2;

  /** Made by the JVM. */
  public LabNames() {}

  @Override
  public String name() {
    return "the lab's";
  }

  @Override
  public InetAddressResolver get(Configuration configuration) {
    String server = System.getProperty(SERVER, "");
    InetAddressResolver system = configuration.builtinResolver();
    if (server.isEmpty()) {
      return system;
    }
    return new Resolver(
        system,
        System.getProperty(Client.HOSTS_FILE, ""),
        Arrays.stream(server.split(",", -1)).map(LabNames::address).toList());
  }

  private static InetSocketAddress address(String server) {
    int colon = server.lastIndexOf(':');
    return new InetSocketAddress(
        InetAddress.ofLiteral(server.substring(0, colon)),
        Integer.parseInt(server.substring(colon + 1)));
  }

  /**
   * What answers.
   *
   * @param hosts the hosts file; empty if there is none
   */
  private record Resolver(InetAddressResolver system, String hosts, List<InetSocketAddress> servers)
      implements InetAddressResolver {
    @Override
    public Stream<InetAddress> lookupByName(String host, LookupPolicy policy)
        throws UnknownHostException {
      if (host.equals("localhost")) {
        return system.lookupByName(host, policy);
      }
      var addresses = new ArrayList<>(inFile(host));
      if (!addresses.isEmpty()) {
        return addresses.stream();
      }
      int wanted = policy.characteristics();
      if ((wanted & LookupPolicy.IPV4) != 0) {
        addresses.addAll(ask(host, Type.A));
      }
      if ((wanted & LookupPolicy.IPV6) != 0) {
        addresses.addAll(ask(host, Type.AAAA));
      }
      if (addresses.isEmpty()) {
        throw new UnknownHostException(host + ": Name or service not known");
      }
      return addresses.stream();
    }

    /** What the file says; the system's resolver reads it each time, too. */
    private List<InetAddress> inFile(String host) {
      if (hosts.isEmpty()) {
        return List.of();
      }
      try (Stream<String> lines = Files.lines(Path.of(hosts))) {
        return lines
            .map(line -> List.of(line.split("\\s+")))
            .filter(words -> words.lastIndexOf(host) > 0)
            .map(words -> InetAddress.ofLiteral(words.getFirst()))
            .toList();
      } catch (IOException e) {
        return List.of();
      }
    }

    @Override
    public String lookupByAddress(byte[] address) throws UnknownHostException {
      return system.lookupByAddress(address);
    }

    private List<InetAddress> ask(String host, int type) throws UnknownHostException {
      try (var socket = new DatagramSocket()) {
        socket.setSoTimeout(TIMEOUT_MILLIS);
        Name name = Name.fromString(host, Name.root);
        Message query = Message.newQuery(Record.newRecord(name, type, DClass.IN));
        byte[] bytes = query.toWire();
        for (int i = 0; i < ATTEMPTS; i++) {
          for (InetSocketAddress server : servers) {
            socket.send(new DatagramPacket(bytes, bytes.length, server));
            try {
              return addresses(answer(socket, query));
            } catch (SocketTimeoutException e) {
              // The next one, once more, or no more.
            }
          }
        }
        throw new UnknownHostException(host + ": Temporary failure in name resolution");
      } catch (UnknownHostException e) {
        throw e;
      } catch (IOException e) {
        var unknown = new UnknownHostException(host + ": " + e.getMessage());
        unknown.initCause(e);
        throw unknown;
      }
    }

    private static Message answer(DatagramSocket socket, Message query) throws IOException {
      var packet = new DatagramPacket(new byte[4096], 4096);
      while (true) {
        socket.receive(packet);
        var answer = new Message(Arrays.copyOf(packet.getData(), packet.getLength()));
        if (answer.getHeader().getID() == query.getHeader().getID()) {
          return answer;
        }
      }
    }

    private static List<InetAddress> addresses(Message answer) throws UnknownHostException {
      if (answer.getRcode() != Rcode.NOERROR && answer.getRcode() != Rcode.NXDOMAIN) {
        throw new UnknownHostException("Temporary failure in name resolution");
      }
      var addresses = new ArrayList<InetAddress>();
      for (Record record : answer.getSection(Section.ANSWER)) {
        switch (record) {
          case ARecord a -> addresses.add(a.getAddress());
          case AAAARecord aaaa -> addresses.add(aaaa.getAddress());
          default -> {}
        }
      }
      return addresses;
    }
  }
}
