package dev.hawser.dns;

import dev.hawser.NameServer;
import dev.hawser.io.Ticker;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;

/**
 * Puts a question to the configured servers, one after the other, until one knows. A server that
 * has been silent lately goes last, so that a dead one costs its timeout once and not once a query.
 */
final class Servers {
  private static final long SILENCE_REMEMBERED = 30_000_000_000L;

  /** Aliases whose own records an answer did not have, each a query more. */
  private static final int MAX_CHASED = 8;

  private final Supplier<ResolvConf> configuration;
  private final Function<NameServer, Exchanger> connector;
  private final Ticker ticker;
  private final SecureRandom random = new SecureRandom(); // ids must not be guessed (RFC 5452)
  private final AtomicInteger turn = new AtomicInteger();
  private final Map<NameServer, Exchanger> exchangers = new ConcurrentHashMap<>();
  private final Map<NameServer, Long> silentUntil = new ConcurrentHashMap<>();
  private final Set<NameServer> withoutEdns = ConcurrentHashMap.newKeySet();

  Servers(
      Supplier<ResolvConf> configuration,
      Function<NameServer, Exchanger> connector,
      Ticker ticker) {
    this.configuration = configuration;
    this.connector = connector;
    this.ticker = ticker;
  }

  /** The same connections, for other servers. */
  Servers among(Supplier<ResolvConf> others) {
    return new Servers(others, server -> exchangers.computeIfAbsent(server, connector), ticker);
  }

  /**
   * Asks for a name as it is.
   *
   * @throws LookupException if no server knows
   */
  Reply ask(String host, RecordType type, long deadline) throws IOException, InterruptedException {
    Name name = Messages.name(host);
    long ttl = Long.MAX_VALUE;
    for (int chased = 0; chased < MAX_CHASED; chased++) {
      switch (askOnce(name, type, deadline)) {
        case Messages.Verdict.Known(Reply reply) -> {
          return new Reply(
              reply.status(), reply.data(), Math.min(ttl, reply.ttlSeconds()), reply.source());
        }
        case Messages.Verdict.Alias(String target, long aliasTtl) -> {
          name = Messages.name(target);
          ttl = Math.min(ttl, aliasTtl);
        }
        case Messages.Verdict.Refused(int rcode, String why) ->
            throw new LookupException(why, false, null);
      }
    }
    throw new LookupException("too long a chain of aliases", false, null);
  }

  private Messages.Verdict askOnce(Name name, RecordType type, long deadline)
      throws LookupException, InterruptedException {
    ResolvConf conf = configuration.get();
    List<NameServer> order = order(conf);
    Map<NameServer, String> complaints = new LinkedHashMap<>();
    boolean silence = true;
    int tries = order.size() * conf.attempts();
    for (int attempt = 0; attempt < conf.attempts(); attempt++) {
      for (NameServer server : order) {
        long now = ticker.nanos();
        long share = Math.min(conf.timeout().toNanos(), (deadline - now) / tries--);
        if (share <= 0) {
          throw failure(complaints, silence);
        }
        try {
          Messages.Verdict verdict = askServer(server, name, type, now + share);
          silentUntil.remove(server);
          if (!(verdict instanceof Messages.Verdict.Refused refused)) {
            return verdict;
          }
          silence = false;
          complaints.put(server, refused.why());
        } catch (SocketTimeoutException e) {
          silentUntil.put(server, Ticker.after(ticker.nanos(), SILENCE_REMEMBERED));
          complaints.put(server, "no answer in " + share / 1_000_000 + " ms");
        } catch (IOException e) {
          if (Thread.interrupted()) {
            throw new InterruptedException(); // it closed the socket
          }
          silentUntil.put(server, Ticker.after(ticker.nanos(), SILENCE_REMEMBERED));
          complaints.put(server, reason(e));
        }
      }
    }
    throw failure(complaints, silence);
  }

  private Messages.Verdict askServer(NameServer server, Name name, RecordType type, long deadline)
      throws IOException, InterruptedException {
    Exchanger exchanger = exchangers.computeIfAbsent(server, connector);
    boolean edns = !withoutEdns.contains(server);
    int id = random.nextInt(1 << 16);
    Message answer = exchanger.ask(Messages.query(id, name, type, edns), deadline);
    if (edns && (answer.getRcode() == Rcode.FORMERR || answer.getRcode() == Rcode.NOTIMP)) {
      // RFC 6891 section 7: a server from before EDNS.
      Message plain = exchanger.ask(Messages.query(id ^ 1, name, type, false), deadline);
      if (plain.getRcode() != answer.getRcode()) {
        withoutEdns.add(server);
      }
      answer = plain;
    }
    return Messages.read(answer, name, type, server.toString());
  }

  private List<NameServer> order(ResolvConf conf) {
    var servers = new ArrayList<>(conf.servers());
    if (conf.rotate() && servers.size() > 1) {
      Collections.rotate(servers, -Math.floorMod(turn.getAndIncrement(), servers.size()));
    }
    long now = ticker.nanos();
    servers.sort(
        Comparator.comparing(server -> silentUntil.getOrDefault(server, Long.MIN_VALUE) > now));
    return servers;
  }

  private static LookupException failure(Map<NameServer, String> complaints, boolean silence) {
    return new LookupException(
        complaints.isEmpty()
            ? "no time left to ask a DNS server"
            : complaints.entrySet().stream()
                .map(complaint -> complaint.getKey() + ": " + complaint.getValue())
                .collect(Collectors.joining("; ")),
        silence,
        null);
  }

  private static String reason(IOException e) {
    String message = e.getMessage();
    return message == null ? e.getClass().getSimpleName() : message;
  }

  /** Gives up what is kept open. */
  void close() {
    exchangers.values().forEach(Exchanger::close);
  }
}
