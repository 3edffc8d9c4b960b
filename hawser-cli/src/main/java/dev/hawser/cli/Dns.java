package dev.hawser.cli;

import dev.hawser.Hawser;
import dev.hawser.HawserClient;
import dev.hawser.NameLayer;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows which layer says what of a name. */
@Command(
    name = "dns",
    description = "Asks every layer between a name and its addresses, and shows which is stale.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Layers: the hosts file; the DNS servers of resolv.conf (a stub resolver, where it is on"
          + " this",
      "machine, and those behind systemd-resolved); the system's resolver, as other programs see"
          + " it.",
      "Examples:",
      "  hawser dns example.org",
      "  hawser dns example.org --server 192.0.2.53 --json",
      "  hawser dns example.org --server tls://192.0.2.53#dns.example"
    })
final class Dns implements Callable<Integer> {
  private final Console console;

  @Parameters(paramLabel = "NAME", description = "A host name, or a URL that has one.")
  private String name = "";

  @Option(
      names = "--server",
      paramLabel = "S",
      description = {
        "Ask this server instead of the system's: an address, with a port if it is not 53;",
        "tls://ADDRESS#NAME; https://ADDRESS/dns-query#NAME. May be repeated."
      })
  private List<String> servers = new ArrayList<>();

  @Option(
      names = "--flush",
      description = "First empty the caches of this machine, where that can be done.")
  private boolean flush;

  @Option(
      names = "--timeout",
      paramLabel = "D",
      description = "For each layer; default ${DEFAULT-VALUE}.")
  private Duration timeout = Duration.ofSeconds(5);

  @Option(names = "--json", description = "Print one JSON document and nothing else.")
  private boolean json;

  @Option(names = "--debug", description = "Print stack traces and what the library logs.")
  private boolean debug;

  Dns(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws InterruptedException {
    if (debug) {
      CommandLog.showEverything();
    }
    String host = host();
    if (flush) {
      new SystemCaches(console).flush();
    }
    List<NameLayer> layers = ask(host);
    if (json) {
      console.line(
          Json.lines(
              Json.object("name", host, "layers", layers.stream().map(Dns::toJson).toList())));
    } else {
      print(layers);
    }
    boolean answered = layers.stream().anyMatch(layer -> !layer.addresses().isEmpty());
    if (!answered) {
      console.error("no layer knows " + host);
    }
    return answered ? Main.OK : Main.FAILED;
  }

  private String host() {
    String host = name;
    if (name.contains("://")) {
      URI uri = TargetUrl.parse(name);
      host = uri.getHost() == null ? "" : uri.getHost();
    }
    if (host.isBlank()) {
      throw new UsageException("a name is missing");
    }
    return host;
  }

  private List<NameLayer> ask(String host) throws InterruptedException {
    Duration patience = Durations.positive("--timeout", timeout);
    try (HawserClient client = client(patience)) {
      return client.layers(host);
    }
  }

  private HawserClient client(Duration patience) {
    try {
      return Hawser.newBuilder()
          .dns(d -> d.timeout(patience).servers(servers.toArray(String[]::new)))
          .build();
    } catch (IllegalArgumentException e) {
      throw new UsageException("--server: " + e.getMessage(), e);
    }
  }

  private static Object toJson(NameLayer layer) {
    return Json.object(
        "layer", layer.layer(),
        "source", layer.source(),
        "addresses", texts(layer),
        "ttl", layer.ttl().map(ttl -> ttl.toMillis() / 1000.0).orElse(null),
        "age", layer.age().map(age -> age.toMillis() / 1000.0).orElse(null),
        "error", layer.error().orElse(null));
  }

  private static List<String> texts(NameLayer layer) {
    return layer.addresses().stream().map(InetAddress::getHostAddress).toList();
  }

  private void print(List<NameLayer> layers) {
    int wide = layers.stream().mapToInt(layer -> layer.source().length()).max().orElse(0);
    for (NameLayer layer : layers) {
      console.line(
          ("%-15s %-" + wide + "s %8s  %s")
              .formatted(layer.layer(), layer.source(), ttl(layer), says(layer)));
    }
    String differing = differing(layers);
    if (differing != null) {
      console.line("");
      console.line(differing);
    }
  }

  private static String ttl(NameLayer layer) {
    return layer.ttl().map(ttl -> "ttl " + ttl.toSeconds()).orElse("");
  }

  private static String says(NameLayer layer) {
    String addresses = String.join(" ", texts(layer));
    if (layer.error().isPresent()) {
      String error = Errors.printable(layer.error().get());
      return addresses.isEmpty() ? error : addresses + " (" + error + ")";
    }
    return addresses.isEmpty() ? "-" : addresses;
  }

  /** Which layers do not agree with the last server, which is nearest to the truth. */
  private static @Nullable String differing(List<NameLayer> layers) {
    List<NameLayer> asked = layers.stream().filter(layer -> !layer.addresses().isEmpty()).toList();
    NameLayer truth =
        asked.stream()
            .filter(layer -> layer.ttl().isPresent())
            .max(Comparator.comparingInt(layers::indexOf))
            .orElse(null);
    if (truth == null) {
      return null;
    }
    Set<InetAddress> right = new HashSet<>(truth.addresses());
    String others =
        asked.stream()
            .filter(layer -> !new HashSet<>(layer.addresses()).equals(right))
            .map(layer -> layer.layer() + " (" + layer.source() + ")")
            .collect(Collectors.joining(", "));
    return others.isEmpty()
        ? null
        : "Other than " + truth.source() + " says: " + others + ". Stale, or meant so.";
  }
}
