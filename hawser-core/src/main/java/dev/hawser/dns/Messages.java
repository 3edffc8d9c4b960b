package dev.hawser.dns;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.HTTPSRecord;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.SRVRecord;
import org.xbill.DNS.SVCBBase;
import org.xbill.DNS.Section;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

/** DNS messages: what we ask, and what of an answer is believed. */
final class Messages {
  /** What fits any path without fragments (DNS flag day 2020). */
  static final int UDP_PAYLOAD = 1232;

  /** More than resolvers follow themselves, so that it ends what they do not. */
  private static final int MAX_ALIASES = 32;

  /** Of one answer: nobody connects to more, and each costs memory. */
  private static final int MAX_RECORDS = 256;

  /** RFC 2308 section 5: without a SOA record a negative answer is not to be cached. */
  private static final long NO_SOA_TTL = 0;

  /** What an answer comes to. */
  sealed interface Verdict {
    /** It says something about the name. */
    record Known(Reply reply) implements Verdict {}

    /** It ends at an alias whose own records it does not have: the next to ask for. */
    record Alias(String target, long ttlSeconds) implements Verdict {}

    /** It is an error, or nonsense. */
    record Refused(int rcode, String why) implements Verdict {}
  }

  private Messages() {}

  /**
   * Reads a name.
   *
   * @throws IOException if it cannot be one
   */
  static Name name(String host) throws IOException {
    try {
      return Name.fromString(host, Name.root);
    } catch (TextParseException e) {
      throw new IOException("not a DNS name: " + host, e);
    }
  }

  /** A query, recursion desired. */
  static Message query(int id, Name name, RecordType type, boolean edns) {
    Message query = Message.newQuery(Record.newRecord(name, type.code, DClass.IN));
    query.getHeader().setID(id);
    if (edns) {
      query.addRecord(new OPTRecord(UDP_PAYLOAD, 0, 0), Section.ADDITIONAL);
    }
    return query;
  }

  /**
   * Reads an answer; null if it is not one to this query: then it may be forged, or late, and the
   * true one may still come.
   */
  static @Nullable Message answer(byte[] bytes, int length, Message query) {
    Message answer;
    try {
      byte[] exact = bytes.length == length ? bytes : Arrays.copyOf(bytes, length);
      answer = new Message(exact);
    } catch (IOException | RuntimeException e) {
      return null;
    }
    Record asked = query.getQuestion();
    Record echoed = answer.getQuestion();
    boolean ours =
        answer.getHeader().getID() == query.getHeader().getID()
            && answer.getHeader().getFlag(Flags.QR)
            && echoed != null
            && echoed.getName().equals(asked.getName())
            && echoed.getType() == asked.getType()
            && echoed.getDClass() == asked.getDClass();
    // Servers that do not understand EDNS or the opcode may leave out the question.
    boolean bareError =
        echoed == null
            && answer.getHeader().getID() == query.getHeader().getID()
            && answer.getHeader().getFlag(Flags.QR)
            && answer.getRcode() != Rcode.NOERROR
            && answer.getRcode() != Rcode.NXDOMAIN;
    return ours || bareError ? answer : null;
  }

  static boolean truncated(Message answer) {
    return answer.getHeader().getFlag(Flags.TC);
  }

  /**
   * What the answer says. Only what the question's name leads to is believed: a record of another
   * name proves nothing, whoever sends it.
   */
  static Verdict read(Message answer, Name asked, RecordType type, String source) {
    int rcode = answer.getRcode();
    if (rcode != Rcode.NOERROR && rcode != Rcode.NXDOMAIN) {
      return new Verdict.Refused(rcode, Rcode.string(rcode));
    }
    Name at = asked;
    long ttl = Long.MAX_VALUE;
    Set<Name> seen = new HashSet<>();
    while (true) {
      var found = new ArrayList<Data>();
      CNAMERecord alias = null;
      for (Record record : answer.getSection(Section.ANSWER)) {
        if (record.getDClass() != DClass.IN || !record.getName().equals(at)) {
          continue;
        }
        if (record.getType() == type.code) {
          ttl = Math.min(ttl, ttl(record));
          Data data = data(record);
          if (data != null && found.size() < MAX_RECORDS) {
            found.add(data);
          }
        } else if (record instanceof CNAMERecord cname) {
          alias = cname;
        }
      }
      if (!found.isEmpty()) {
        return new Verdict.Known(new Reply(Reply.Status.FOUND, found, ttl, source));
      }
      if (alias == null) {
        break;
      }
      ttl = Math.min(ttl, ttl(alias));
      if (!seen.add(at) || seen.size() > MAX_ALIASES) {
        return new Verdict.Refused(
            rcode, seen.size() > MAX_ALIASES ? "too long a chain of aliases" : "a loop of aliases");
      }
      at = alias.getTarget();
    }
    if (rcode == Rcode.NOERROR && at.equals(asked) && referral(answer)) {
      return new Verdict.Refused(rcode, "it does not resolve, and refers to other servers");
    }
    if (rcode == Rcode.NOERROR && !at.equals(asked) && negativeTtl(answer) == NO_SOA_TTL) {
      return new Verdict.Alias(at.toString(true), ttl);
    }
    return new Verdict.Known(
        new Reply(
            rcode == Rcode.NXDOMAIN ? Reply.Status.NO_NAME : Reply.Status.NO_DATA,
            List.of(),
            Math.min(ttl, negativeTtl(answer)),
            source));
  }

  /** RFC 2181 section 8: with the highest bit set it is 0. */
  private static long ttl(Record record) {
    return record.getTTL() > Integer.MAX_VALUE ? 0 : record.getTTL();
  }

  /** RFC 2308 section 2.2: not that there is nothing, but that somebody else may know. */
  private static boolean referral(Message answer) {
    return !answer.getHeader().getFlag(Flags.AA) && has(answer, Type.NS) && !has(answer, Type.SOA);
  }

  private static boolean has(Message answer, int type) {
    return answer.getSection(Section.AUTHORITY).stream()
        .anyMatch(record -> record.getType() == type);
  }

  /** RFC 2308 section 5. */
  private static long negativeTtl(Message answer) {
    for (Record record : answer.getSection(Section.AUTHORITY)) {
      if (record instanceof SOARecord soa) {
        return Math.min(ttl(soa), soa.getMinimum());
      }
    }
    return NO_SOA_TTL;
  }

  private static @Nullable Data data(Record record) {
    return switch (record) {
      case ARecord a -> new Data.Address(a.getAddress());
      case AAAARecord aaaa -> new Data.Address(aaaa.getAddress());
      case SRVRecord srv ->
          new Data.Service(
              srv.getPriority(), srv.getWeight(), srv.getPort(), srv.getTarget().toString(true));
      case HTTPSRecord https -> binding(https);
      default -> null;
    };
  }

  private static Data.Binding binding(HTTPSRecord record) {
    var alpn = new ArrayList<String>();
    OptionalInt port = OptionalInt.empty();
    boolean usable = true;
    boolean defaultAlpn = true;
    for (int key : record.getSvcParamKeys()) {
      switch (record.getSvcParamValue(key)) {
        case SVCBBase.ParameterAlpn parameter -> alpn.addAll(parameter.getValues());
        case SVCBBase.ParameterPort parameter -> port = OptionalInt.of(parameter.getPort());
        case SVCBBase.ParameterNoDefaultAlpn parameter -> defaultAlpn = false;
        case SVCBBase.ParameterMandatory parameter -> usable &= understood(parameter.getValues());
        default -> {} // hints of addresses and keys, which we do without
      }
    }
    return new Data.Binding(
        record.getSvcPriority(),
        record.getTargetName().equals(Name.root) ? "" : record.getTargetName().toString(true),
        List.copyOf(alpn),
        defaultAlpn,
        port,
        usable);
  }

  /** RFC 9460 section 8: who does not understand all that is mandatory must not use the record. */
  private static boolean understood(List<Integer> mandatory) {
    return Set.of(SVCBBase.ALPN, SVCBBase.NO_DEFAULT_ALPN, SVCBBase.PORT).containsAll(mandatory);
  }
}
