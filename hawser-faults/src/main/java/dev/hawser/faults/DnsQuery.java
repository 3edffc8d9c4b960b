package dev.hawser.faults;

import java.io.IOException;
import java.net.SocketAddress;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Type;

/** One question put to a {@link DnsServer}, and the ways to answer it, or not to. */
public final class DnsQuery {
  private final DnsServer server;
  private final Message message;
  private final boolean stream;
  private final SocketAddress from;
  private final DnsWay way;
  private final AtomicBoolean answered = new AtomicBoolean();

  DnsQuery(DnsServer server, Message message, boolean stream, SocketAddress from, DnsWay way) {
    this.server = server;
    this.message = message;
    this.stream = stream;
    this.from = from;
    this.way = way;
  }

  /** Lower case, without the last dot. */
  public String name() {
    return message.getQuestion().getName().toString(true).toLowerCase(Locale.ROOT);
  }

  /** As in {@link Type}. */
  public int type() {
    return message.getQuestion().getType();
  }

  /** Whether it came over TCP or TLS. */
  public boolean stream() {
    return stream;
  }

  /** Whether it has an OPT record (RFC 6891). */
  public boolean edns() {
    return message.getOPT() != null;
  }

  /** Who asked. */
  public SocketAddress from() {
    return from;
  }

  /** The query itself. */
  public Message message() {
    return message;
  }

  /** What the server's records say; to be changed and sent. */
  public Message reply() {
    return server.reply(message);
  }

  /** What the server's records say of another name, as the answer to this question. */
  public Message replyAbout(Name other) {
    return server.reply(message, other);
  }

  /** Answers as the server's records say. */
  public void answer() throws IOException {
    send(reply());
  }

  /** Answers with an error and nothing else. */
  public void refuse(int rcode) throws IOException {
    Message refusal = server.empty(message);
    refusal.getHeader().setRcode(rcode);
    send(refusal);
  }

  /** Answers that there is nothing: NOERROR for this type, NXDOMAIN for the name. */
  public void deny(int rcode) throws IOException {
    Message denial = server.empty(message);
    server.zone().negative(denial, rcode);
    send(denial);
  }

  /**
   * Sends this; over UDP without the sets of records that the client has no room for, and marked
   * so.
   */
  public void send(Message reply) throws IOException {
    send(reply.toWire(stream ? Message.MAXLENGTH : payload()));
  }

  private int payload() {
    return message.getOPT() == null ? 512 : Math.max(512, message.getOPT().getPayloadSize());
  }

  /** Sends these bytes, whatever they are. */
  public void send(byte[] bytes) throws IOException {
    done(); // before: the client may ask its next one as soon as it has this
    way.send(bytes);
  }

  /** Sends it from a port that the client has not asked. */
  public void sendFromElsewhere(Message reply) throws IOException {
    way.sendFromElsewhere(reply.toWire());
  }

  /** Sends the first of these bytes only; over a stream as if all were to come. */
  public void sendPart(byte[] bytes, int count) throws IOException {
    done();
    way.sendPart(bytes, count);
  }

  /** Closes the connection, if it came over one. */
  public void close() throws IOException {
    way.close();
  }

  /** It is answered, or never will be. */
  void done() {
    if (answered.compareAndSet(false, true)) {
      server.answered();
    }
  }
}
