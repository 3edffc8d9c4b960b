package dev.hawser.faults;

import dev.hawser.faults.DnsServer.Behaviour;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/**
 * What DNS servers, and those who pretend to be them, do wrong.
 *
 * {@snippet :
 * dns.on("a.test", DnsFaults.inTurn(DnsFaults.wrongId("127.6.6.6"), DnsQuery::answer));
 * dns.on("b.test", Type.AAAA, DnsFaults.silence());
 * dns.onAll(DnsFaults.firstly(2, DnsFaults.rcode(Rcode.SERVFAIL)));
 * }
 *
 * <p>The forgeries carry a lie, a value in the form of a zone file for type A, so that a test can
 * tell whether it was believed; to queries of other types they are empty answers.
 */
public final class DnsFaults {
  private static final int HEADER = 12;

  private DnsFaults() {}

  // ---- which and when

  /** These, one after the other, with each query. */
  public static Behaviour inTurn(Behaviour... behaviours) {
    return query -> {
      for (Behaviour behaviour : behaviours) {
        behaviour.on(query);
      }
    };
  }

  /** This with so many queries, and true answers from then on. */
  public static Behaviour firstly(int queries, Behaviour fault) {
    var left = new AtomicInteger(queries);
    return query -> {
      if (left.getAndDecrement() > 0) {
        fault.on(query);
      } else {
        query.answer();
      }
    };
  }

  /** A late answer, for races with a client's own clock. To wait for the test, see hold(). */
  public static Behaviour late(Duration delay) {
    return query -> {
      Thread.sleep(delay);
      query.answer();
    };
  }

  /** No answer. */
  public static Behaviour silence() {
    return query -> {};
  }

  // ---- errors

  /** This error, as in {@link Rcode}, and nothing else. */
  public static Behaviour rcode(int rcode) {
    return query -> query.refuse(rcode);
  }

  /** The name does not exist, says an SOA record. */
  public static Behaviour noName() {
    return query -> query.deny(Rcode.NXDOMAIN);
  }

  /** The name has nothing of this type, says an SOA record. */
  public static Behaviour noData() {
    return query -> query.deny(Rcode.NOERROR);
  }

  /** FORMERR to who speaks EDNS, as servers from before it. */
  public static Behaviour withoutEdns() {
    return query -> {
      if (query.edns()) {
        // Such a server knows no OPT record, and sends none either (RFC 6891 section 7).
        Message refusal = query.reply();
        for (int section = Section.ANSWER; section <= Section.ADDITIONAL; section++) {
          refusal.removeAllRecords(section);
        }
        refusal.getHeader().setRcode(Rcode.FORMERR);
        query.send(refusal);
      } else {
        query.answer();
      }
    };
  }

  // ---- forgeries

  /** A lie under another id. */
  public static Behaviour wrongId(String lie) {
    return query -> {
      Message forged = lie(query, lie);
      forged.getHeader().setID(forged.getHeader().getID() ^ 1);
      query.send(forged);
    };
  }

  /** A lie that answers the same question about another name. */
  public static Behaviour wrongQuestion(String lie) {
    return query -> {
      Message forged = lie(query, lie);
      Name other = Name.fromConstantString("another.test.");
      forged.removeAllRecords(Section.QUESTION);
      forged.addRecord(Record.newRecord(other, query.type(), DClass.IN), Section.QUESTION);
      query.send(forged);
    };
  }

  /** A lie from a port that was not asked. */
  public static Behaviour fromElsewhere(String lie) {
    return query -> query.sendFromElsewhere(lie(query, lie));
  }

  /** The true answer, with a record of another name in its answer and additional sections. */
  public static Behaviour alsoSaying(String name, int type, String value) {
    return query -> {
      Message reply = query.reply();
      Name other = Name.fromString(name, Name.root);
      Record poison = Record.fromString(other, type, DClass.IN, 86_400, value, Name.root);
      reply.addRecord(poison, Section.ANSWER);
      reply.addRecord(poison, Section.ADDITIONAL);
      query.send(reply);
    };
  }

  private static Message lie(DnsQuery query, String lie) throws IOException {
    Message forged = query.reply();
    forged.getHeader().setRcode(Rcode.NOERROR);
    forged.removeAllRecords(Section.ANSWER);
    forged.removeAllRecords(Section.AUTHORITY);
    if (query.type() == Type.A) {
      Name name = query.message().getQuestion().getName();
      forged.addRecord(
          Record.fromString(name, Type.A, DClass.IN, 86_400, lie, Name.root), Section.ANSWER);
    }
    return forged;
  }

  // ---- size and form

  /** Over UDP nothing but the word that TCP has the answer; this over TCP. */
  public static Behaviour truncated(Behaviour overTcp) {
    return query -> {
      if (query.stream()) {
        overTcp.on(query);
        return;
      }
      Message nothing = query.reply();
      nothing.getHeader().setRcode(Rcode.NOERROR);
      nothing.getHeader().setFlag(Flags.TC);
      nothing.removeAllRecords(Section.ANSWER);
      nothing.removeAllRecords(Section.AUTHORITY);
      query.send(nothing);
    };
  }

  /** The true answer up to its last bytes; over a stream, all were announced, and it closes. */
  public static Behaviour cutOff(int missing) {
    return query -> {
      byte[] whole = query.reply().toWire();
      query.sendPart(whole, whole.length - missing);
      query.close();
    };
  }

  /**
   * So many addresses, or as many as one message can hold: 127.64.0.0 and following, fd00:: and
   * following; none to queries of other types.
   */
  public static Behaviour many(int addresses) {
    return query -> {
      Message reply = query.reply();
      reply.getHeader().setRcode(Rcode.NOERROR);
      reply.removeAllRecords(Section.ANSWER);
      reply.removeAllRecords(Section.AUTHORITY);
      int type = query.type();
      if (type == Type.A || type == Type.AAAA) {
        Name name = query.message().getQuestion().getName();
        int most = (Message.MAXLENGTH - reply.toWire().length) / (type == Type.A ? 16 : 28);
        for (int i = 0; i < Math.min(addresses, most); i++) {
          String value =
              type == Type.A
                  ? "127.64." + (i >> 8) + "." + (i & 255)
                  : "fd00::" + Integer.toHexString(i);
          reply.addRecord(
              Record.fromString(name, type, DClass.IN, 60, value, Name.root), Section.ANSWER);
        }
      }
      query.send(reply);
    };
  }

  /** The true answer, its first record last with the next query, and so on. */
  public static Behaviour rotating() {
    var round = new AtomicInteger();
    return query -> {
      Message reply = query.reply();
      List<Record> records = new ArrayList<>(reply.getSection(Section.ANSWER));
      Collections.rotate(records, -round.getAndIncrement());
      reply.removeAllRecords(Section.ANSWER);
      records.forEach(record -> reply.addRecord(record, Section.ANSWER));
      query.send(reply);
    };
  }

  /** The true answer with these 32 bits as the TTL of its records, whatever they mean. */
  public static Behaviour rawTtl(int bits) {
    return query -> {
      Message reply = query.reply();
      byte[] bytes = reply.toWire();
      var buffer = ByteBuffer.wrap(bytes);
      int at = pastName(buffer, HEADER) + 4;
      for (int i = 0; i < reply.getSection(Section.ANSWER).size(); i++) {
        int fixed = pastName(buffer, at); // type, class, TTL, length (RFC 1035 section 4.1.3)
        buffer.putInt(fixed + 4, bits);
        at = fixed + 10 + Short.toUnsignedInt(buffer.getShort(fixed + 8));
      }
      query.send(bytes);
    };
  }

  private static int pastName(ByteBuffer message, int at) {
    for (int label = at; true; label += 1 + message.get(label)) {
      if (message.get(label) == 0) {
        return label + 1;
      }
      if (message.get(label) < 0) { // the rest is elsewhere
        return label + 2;
      }
    }
  }

  /** Eight messages that are none, the last six under the right id. */
  public static Behaviour garbage() {
    return query -> {
      byte[] good = query.reply().toWire();
      query.send(new byte[0]);
      query.send(new byte[] {1, 2, 3});
      query.send(Arrays.copyOf(good, 2));
      query.send(Arrays.copyOf(good, HEADER));
      query.send(Arrays.copyOf(good, good.length - 3));
      query.send(answerOf(good, HEADER, (short) 0xffff, new byte[0]));
      // A name that points at itself, and a label that goes on behind the end.
      int end = HEADER + query.message().getQuestion().getName().length() + 4;
      byte[] toItself = {(byte) (0xc0 | end >> 8), (byte) end};
      query.send(answerOf(good, end, (short) 1, toItself));
      query.send(answerOf(good, end, (short) 1, new byte[] {63, 'x'}));
    };
  }

  /** A message cut at {@code end}, that announces so many records and has these bytes instead. */
  private static byte[] answerOf(byte[] message, int end, short records, byte[] instead) {
    byte[] bytes = Arrays.copyOf(message, end + instead.length);
    System.arraycopy(instead, 0, bytes, end, instead.length);
    return ByteBuffer.wrap(bytes).putShort(6, records).array();
  }
}
