package dev.hawser.dns;

import dev.hawser.DnsOptions;
import dev.hawser.NameLayer;
import dev.hawser.NameServer;
import dev.hawser.io.Ticker;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * Asks every layer that may hold an answer for a name, each by itself and past our own cache: where
 * they differ, one of them is stale.
 */
public final class Layers {
  /** Whom systemd-resolved asks, in the form of resolv.conf. */
  private static final Path SYSTEMD_UPSTREAM = Path.of("/run/systemd/resolve/resolv.conf");

  private final DnsOptions options;
  private final Sources sources;
  private final Names names;
  private final Ticker ticker;

  public Layers(DnsOptions options, Sources sources, Names names, Ticker ticker) {
    this.options = options;
    this.sources = sources;
    this.names = names;
    this.ticker = ticker;
  }

  /** Asks all at once; takes as long as a look-up at most. */
  public List<NameLayer> ask(String host) throws InterruptedException {
    var layers = new ArrayList<NameLayer>();
    known("options", "dns.hosts", options.hosts().getOrDefault(host, List.of()))
        .ifPresent(layers::add);
    layers.add(
        layer("hosts file", sources.hostsPath(), sources.hosts().of(host), Optional.empty()));
    layers.addAll(cached(host));
    long deadline = Ticker.after(ticker.nanos(), options.timeout());
    var answers = new ArrayList<CompletableFuture<NameLayer>>();
    for (Asked asked : asked()) {
      var answer = new CompletableFuture<NameLayer>();
      Thread.ofVirtual()
          .name("hawser-layer")
          .start(() -> answer.complete(asked.answer(host, deadline, ticker)));
      answers.add(answer);
    }
    for (CompletableFuture<NameLayer> answer : answers) {
      try {
        layers.add(answer.get());
      } catch (ExecutionException e) {
        throw new IllegalStateException(e); // they never complete so
      }
    }
    return layers;
  }

  private List<NameLayer> cached(String host) {
    List<NameLayer> cached =
        names.snapshot().stream()
            .filter(name -> name.host().equals(host) && !name.addresses().isEmpty())
            .map(
                name ->
                    new NameLayer(
                        "own cache",
                        name.type() + " from " + name.source(),
                        name.addresses(),
                        Optional.of(name.ttlLeft()),
                        Optional.of(name.age()),
                        name.lastError()))
            .toList();
    return cached.isEmpty()
        ? List.of(layer("own cache", "this client", List.of(), Optional.empty()))
        : cached;
  }

  /** A layer that has to be asked. */
  private record Asked(String layer, String name, Source source, List<RecordType> types) {
    /** Each type has its share of the time: one that is not answered does not hide the others. */
    NameLayer answer(String host, long deadline, Ticker ticker) {
      var addresses = new ArrayList<InetAddress>();
      var ttls = new ArrayList<Long>();
      Optional<String> error = Optional.empty();
      int left = types.size();
      for (RecordType type : types) {
        long now = ticker.nanos();
        try {
          Reply reply = source.lookup(host, type, now + (deadline - now) / left--);
          if (reply.found()) {
            addresses.addAll(reply.addresses());
            ttls.add(reply.ttlSeconds());
          }
        } catch (IOException | RuntimeException e) {
          error = Optional.of(reason(e));
        } catch (InterruptedException e) {
          error = Optional.of("interrupted");
        }
      }
      Optional<Duration> holds =
          source instanceof SystemResolver
              ? Optional.empty()
              : ttls.stream().min(Long::compare).map(Duration::ofSeconds);
      return new NameLayer(layer, name, addresses, holds, Optional.empty(), error);
    }
  }

  private List<Asked> asked() {
    var asked = new ArrayList<Asked>();
    List<RecordType> both = List.of(RecordType.AAAA, RecordType.A);
    sources
        .given()
        .ifPresent(
            given ->
                asked.add(
                    new Asked(
                        "given resolver", "dns.resolver", given, List.of(RecordType.ADDRESS))));
    List<NameServer> servers = sources.configuration().servers();
    for (NameServer server : servers) {
      boolean local = server.host().startsWith("127.") || server.host().equals("::1");
      asked.add(
          new Asked(
              local ? "stub resolver" : "server", server.toString(), sources.only(server), both));
    }
    for (NameServer server : upstream()) {
      if (!servers.contains(server)) {
        asked.add(new Asked("upstream", server.toString(), sources.only(server), both));
      }
    }
    asked.add(new Asked("system", "InetAddress", sources.system(), List.of(RecordType.ADDRESS)));
    return asked;
  }

  private List<NameServer> upstream() {
    try {
      return options.servers().isEmpty()
          ? ResolvConf.parse(Files.readString(SYSTEMD_UPSTREAM, StandardCharsets.ISO_8859_1))
              .servers()
          : List.of();
    } catch (IOException e) {
      return List.of(); // not there
    }
  }

  private static Optional<NameLayer> known(
      String layer, String source, List<InetAddress> addresses) {
    return addresses.isEmpty()
        ? Optional.empty()
        : Optional.of(layer(layer, source, addresses, Optional.empty()));
  }

  private static NameLayer layer(
      String layer, String source, List<InetAddress> addresses, Optional<Duration> ttl) {
    return new NameLayer(layer, source, addresses, ttl, Optional.empty(), Optional.empty());
  }

  private static String reason(Exception e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }
}
