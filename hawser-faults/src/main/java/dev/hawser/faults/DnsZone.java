package dev.hawser.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

/** The records of a {@link DnsServer}, and the answers that follow from them. */
final class DnsZone {
  private static final int PAYLOAD = 1232;
  private static final int MOST_HOPS = 64;

  /** Names are the same in upper and lower case (RFC 4343). */
  record Key(String name, int type) {
    Key(String name, int type) {
      this.name = name.toLowerCase(Locale.ROOT);
      this.type = type;
    }
  }

  private final Map<Key, List<Record>> records = new ConcurrentHashMap<>();
  private volatile long negativeTtl = 1;

  void set(String name, int type, long ttl, String... values) {
    try {
      Name owner = Name.fromString(name, Name.root);
      var list = new ArrayList<Record>();
      for (String value : values) {
        list.add(Record.fromString(owner, type, DClass.IN, ttl, value, Name.root));
      }
      records.put(new Key(name, type), List.copyOf(list));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void remove(String name, int type) {
    records.remove(new Key(name, type));
  }

  void negativeTtl(long seconds) {
    negativeTtl = seconds;
  }

  /** What the records say of this name, as the answer to the query. */
  Message reply(Message query, Name name) {
    Message reply = empty(query);
    int type = query.getQuestion().getType();
    Name at = name;
    for (int hops = 0; hops < MOST_HOPS; hops++) {
      List<Record> found = records.get(new Key(at.toString(true), type));
      if (found != null) {
        found.forEach(record -> reply.addRecord(record, Section.ANSWER));
        return reply;
      }
      List<Record> alias = records.get(new Key(at.toString(true), Type.CNAME));
      if (alias == null) {
        break;
      }
      reply.addRecord(alias.getFirst(), Section.ANSWER);
      at = ((CNAMERecord) alias.getFirst()).getTarget();
    }
    negative(reply, exists(at) ? Rcode.NOERROR : Rcode.NXDOMAIN);
    return reply;
  }

  private boolean exists(Name name) {
    String text = new Key(name.toString(true), Type.ANY).name();
    return records.keySet().stream().anyMatch(key -> key.name().equals(text));
  }

  /** That there is nothing, and for how long this may be remembered (RFC 2308). */
  void negative(Message reply, int rcode) {
    reply.getHeader().setRcode(rcode);
    if (negativeTtl >= 0) {
      reply.addRecord(soa(), Section.AUTHORITY);
    }
  }

  private Record soa() {
    try {
      Name zone = Name.fromString("test.");
      return new SOARecord(zone, DClass.IN, negativeTtl, zone, zone, 1, 1, 1, 1, negativeTtl);
    } catch (TextParseException e) {
      throw new IllegalStateException(e);
    }
  }

  /** An answer without records. */
  static Message empty(Message query) {
    var reply = new Message(query.getHeader().getID());
    reply.getHeader().setFlag(Flags.QR);
    reply.getHeader().setFlag(Flags.RD);
    reply.getHeader().setFlag(Flags.RA);
    reply.addRecord(query.getQuestion(), Section.QUESTION);
    if (query.getOPT() != null) {
      reply.addRecord(new OPTRecord(PAYLOAD, 0, 0), Section.ADDITIONAL);
    }
    return reply;
  }
}
