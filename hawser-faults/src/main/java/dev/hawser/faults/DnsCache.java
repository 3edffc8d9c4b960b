package dev.hawser.faults;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.SocketAddress;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;

/**
 * What a resolver between a client and its DNS server does, as the one on each machine (a stub): it
 * asks the other server, and answers from memory until the time to live is over, with what is left
 * of it.
 *
 * {@snippet :
 * var stub = DnsServer.start();
 * var cache = DnsCache.of(upstream);
 * stub.onAll(cache);
 * upstream.set("a.test", Type.A, 60, "127.0.0.3"); // and the stub does not know for a minute
 * cache.forget("a.test"); // now it does
 * }
 */
public final class DnsCache implements DnsServer.Behaviour {
  private static final int PATIENCE_MILLIS = 2_000;
  private static final long SECOND = 1_000_000_000;

  private final DnsServer upstream;
  private final LongSupplier nanos;
  private final Map<DnsZone.Key, Kept> answers = new ConcurrentHashMap<>();

  /** An answer, and when it came. */
  private record Kept(Message answer, long since) {
    /** Seconds of life that this record has left; the last one counts in full. */
    long left(Record record, long now) {
      return record.getTTL() - (now - since) / SECOND;
    }

    boolean holds(long now) {
      return !answer.getSection(Section.ANSWER).isEmpty()
          && answer.getSection(Section.ANSWER).stream().allMatch(record -> left(record, now) > 0);
    }
  }

  private DnsCache(DnsServer upstream, LongSupplier nanos) {
    this.upstream = upstream;
    this.nanos = nanos;
  }

  /** One in front of this server. */
  public static DnsCache of(DnsServer upstream) {
    return of(upstream, System::nanoTime);
  }

  static DnsCache of(DnsServer upstream, LongSupplier nanos) {
    return new DnsCache(upstream, nanos);
  }

  /** Has this name no more. */
  public void forget(String name) {
    answers.keySet().removeIf(key -> key.name().equals(name.toLowerCase(Locale.ROOT)));
  }

  @Override
  public void on(DnsQuery query) throws IOException {
    var key = new DnsZone.Key(query.name(), query.type());
    Kept kept = answers.get(key);
    if (kept == null || !kept.holds(nanos.getAsLong())) {
      kept = new Kept(ask(query), nanos.getAsLong());
      answers.put(key, kept);
    }
    query.send(reply(query, kept));
  }

  private Message reply(DnsQuery query, Kept kept) {
    Message reply = DnsZone.empty(query.message());
    reply.getHeader().setRcode(kept.answer().getRcode());
    long now = nanos.getAsLong();
    for (Record record : kept.answer().getSection(Section.ANSWER)) {
      reply.addRecord(
          Record.newRecord(
              record.getName(),
              record.getType(),
              record.getDClass(),
              Math.max(0, kept.left(record, now)),
              record.rdataToWireCanonical()),
          Section.ANSWER);
    }
    kept.answer()
        .getSection(Section.AUTHORITY)
        .forEach(record -> reply.addRecord(record, Section.AUTHORITY));
    return reply;
  }

  private Message ask(DnsQuery query) throws IOException {
    Name name = query.message().getQuestion().getName();
    Message question = Message.newQuery(Record.newRecord(name, query.type(), DClass.IN));
    SocketAddress server = upstream.socketAddress();
    try (var socket = new DatagramSocket()) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      byte[] bytes = question.toWire();
      socket.send(new DatagramPacket(bytes, bytes.length, server));
      var packet = new DatagramPacket(new byte[Message.MAXLENGTH], Message.MAXLENGTH);
      socket.receive(packet);
      return new Message(Arrays.copyOf(packet.getData(), packet.getLength()));
    }
  }
}
