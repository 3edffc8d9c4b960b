package dev.hawser.examples;

import dev.hawser.ClientSnapshot;
import dev.hawser.CloseReason;
import dev.hawser.ContainerLoad;
import dev.hawser.ExchangeEvent;
import dev.hawser.ExchangeListener;
import dev.hawser.HawserClient;
import dev.hawser.NameLayer;
import dev.hawser.Origin;
import java.net.URI;
import java.util.Optional;

/** Examples of looking at a client at work, shown in the API's documentation. */
final class Watching {
  private Watching() {}

  static ExchangeListener listener(Log log) {
    // @start region="listener"
    ExchangeListener slowCalls =
        event -> {
          if (event instanceof ExchangeEvent.Completed done
              && done.timeline().total().toMillis() > 500) {
            log.info("slow: {}", done);
          }
        };
    // @end
    return slowCalls;
  }

  static void whoIsStale(HawserClient client, Log log) throws InterruptedException {
    // @start region="layers"
    for (NameLayer layer : client.layers("api.example.org")) {
      log.info("{}", layer);
    }
    // @end
  }

  static void hints(HawserClient client, Log log) {
    // @start region="hints"
    for (ClientSnapshot.Name name : client.snapshot().names()) {
      name.hint()
          .ifPresent(hint -> log.info("{}: {} at {}", name.host(), hint.protocols(), hint.port()));
    }
    // @end
  }

  static ExchangeListener events(Log log) {
    // @start region="events"
    ExchangeListener trouble =
        event -> {
          switch (event) {
            case ExchangeEvent.Failed(long exchange, Throwable error) ->
                log.info("call {} failed: {}", exchange, error.getMessage());
            case ExchangeEvent.OpenFailed failed -> log.info("no connection: {}", failed);
            case ExchangeEvent.Leaked leaked -> log.info("read or close it: {}", leaked);
            default -> {} // new events may come with new releases
          }
        };
    // @end
    return trouble;
  }

  static ExchangeListener handshakes(Log log) {
    // @start region="handshake"
    ExchangeListener slowChecks =
        event -> {
          if (event instanceof ExchangeEvent.Secured secured
              && secured.parts().validation().toMillis() > 100) {
            log.info("the check of {}'s certificates is slow", secured.origin());
          }
        };
    // @end
    return slowChecks;
  }

  static double reuse(HawserClient client) {
    // @start region="snapshot"
    ClientSnapshot now = client.snapshot();
    double reuse = (double) now.counters().reused() / Math.max(1, now.counters().exchanges());
    boolean tooFewConnections = now.waiting() > 0;
    // @end
    return tooFewConnections ? 0 : reuse;
  }

  static long closes(HawserClient client) {
    // @start region="closes"
    long closedByServers =
        client.snapshot().counters().closed().getOrDefault(CloseReason.CLOSED_BY_PEER, 0L);
    // @end
    return closedByServers;
  }

  static Optional<ClientSnapshot.Host> origin(HawserClient client, URI uri) {
    // @start region="origin"
    Origin origin = Origin.of(uri);
    Optional<ClientSnapshot.Host> host =
        client.snapshot().hosts().stream().filter(h -> h.origin().equals(origin)).findFirst();
    // @end
    return host;
  }

  static boolean starved(HawserClient client) {
    // @start region="container"
    ContainerLoad container = client.snapshot().container();
    boolean starved = // of CPU, by the container's quota or by its neighbours
        container.throttling().map(t -> t.throttledPeriods() * 10 > t.periods()).orElse(false)
            || container.cpuPressure().map(pressure -> pressure.some() > 0.5).orElse(false);
    // @end
    return starved;
  }

  static void moved(HawserClient client, URI service) {
    // @start region="moved"
    client.drain(service); // its addresses have changed: no old connection is used again
    client.warmUp(service, 10); // and the next ten calls need not wait for new ones
    // @end
  }
}
