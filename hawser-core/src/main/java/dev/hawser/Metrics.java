package dev.hawser;

import dev.hawser.ClientSnapshot.Certificate;
import dev.hawser.ClientSnapshot.Counters;
import dev.hawser.ClientSnapshot.Hedges;
import dev.hawser.ClientSnapshot.Host;
import dev.hawser.ClientSnapshot.Limit;
import dev.hawser.ClientSnapshot.Load;
import dev.hawser.ClientSnapshot.Name;
import dev.hawser.ContainerLoad.Pressure;
import dev.hawser.ContainerLoad.Throttling;
import dev.hawser.Metric.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A snapshot as figures with names. Labels are bounded by the hosts, names and files in use. */
final class Metrics {
  private final List<Metric> metrics;
  private final Map<String, String> labels;

  private Metrics(List<Metric> metrics, Map<String, String> labels) {
    this.metrics = metrics;
    this.labels = labels;
  }

  static List<Metric> of(ClientSnapshot snapshot) {
    var metrics = new Metrics(new ArrayList<>(), Map.of());
    snapshot.hosts().forEach(metrics::host);
    metrics.counters(snapshot.counters());
    metrics
        .gauge("hawser_web_sockets", "WebSockets that are open.", snapshot.webSockets())
        .gauge("hawser_buffer_bytes", "Bytes of buffers in use.", snapshot.bufferBytes());
    snapshot.loads().forEach(metrics::load);
    snapshot.names().forEach(metrics::name);
    snapshot.certificates().forEach(metrics::certificate);
    metrics.container(snapshot.container());
    return List.copyOf(metrics.metrics);
  }

  private void host(Host host) {
    Metrics of = with("origin", host.origin().toString());
    String connections = "Connections by state.";
    of.with("state", "opening").gauge("hawser_connections", connections, host.opening());
    of.with("state", "idle").gauge("hawser_connections", connections, host.idle());
    of.with("state", "leased").gauge("hawser_connections", connections, host.leased());
    of.gauge("hawser_waiting", "Callers in line for a connection.", host.waiting())
        .gauge("hawser_streams", "Streams in use on HTTP/2 connections.", host.streams())
        .gauge("hawser_limit", "Requests that may be carried at once.", host.limit())
        .gauge(
            "hawser_utilisation",
            "Callers served or in line, of those that may be served at once.",
            host.utilisation());
  }

  private void counters(Counters counters) {
    counter("hawser_exchanges_total", "Calls begun.", counters.exchanges())
        .counter(
            "hawser_failures_total",
            "Calls that failed, were cancelled, or whose body was abandoned.",
            counters.failures())
        .counter(
            "hawser_repeats_total",
            "Requests sent once more because the connection was found closed.",
            counters.repeats())
        .counter("hawser_opened_total", "Connections opened.", counters.opened())
        .counter(
            "hawser_reused_total",
            "Requests over a connection that had carried another.",
            counters.reused())
        .counter("hawser_handshakes_total", "TLS handshakes done.", counters.handshakes())
        .counter(
            "hawser_resumed_total", "TLS handshakes that resumed a session.", counters.resumed())
        .counter("hawser_leaks_total", "Bodies neither read nor closed.", counters.leaks());
    for (CloseReason reason : CloseReason.values()) {
      with("reason", reason.name())
          .counter(
              "hawser_closed_total",
              "Connections closed, by reason.",
              counters.closed().getOrDefault(reason, 0L));
    }
  }

  private void load(Load load) {
    with("origin", load.origin().toString())
        .gauge("hawser_retry_budget", "Retries that there may be now.", load.retryBudget())
        .counter("hawser_retries_total", "Requests sent again after a while.", load.retries())
        .counter(
            "hawser_retries_refused_total",
            "Requests not sent again, the budget being spent.",
            load.retriesRefused())
        .gauge(
            "hawser_breaker_open_seconds",
            "For how long yet the breaker refuses calls.",
            seconds(load.breakerOpenFor()))
        .counter(
            "hawser_calls_refused_total", "Calls refused to spare the host.", load.callsRefused())
        .gauge(
            "hawser_ejected_addresses",
            "Addresses that get no new requests, since they fail.",
            load.ejected().size())
        .counter(
            "hawser_ejections_total", "How many times an address was ejected.", load.ejections());
    load.limit().ifPresent(limit -> limit(load, limit));
    load.hedges().ifPresent(hedges -> hedges(load, hedges));
  }

  private void limit(Load load, Limit limit) {
    with("origin", load.origin().toString())
        .gauge(
            "hawser_limit", "Requests that the host has to bear at once, at most.", limit.limit())
        .gauge("hawser_limit_in_flight", "Requests that it has to bear now.", limit.inFlight())
        .gauge("hawser_limit_waiting", "Callers who wait for their turn.", limit.waiting())
        .counter("hawser_limit_refused_total", "Calls beyond the limit.", limit.refused());
  }

  private void hedges(Load load, Hedges hedges) {
    Metrics host =
        with("origin", load.origin().toString())
            .counter("hawser_hedges_total", "Requests sent a second time.", hedges.sent())
            .counter("hawser_hedges_won_total", "Those answered first.", hedges.won())
            .counter(
                "hawser_hedges_withheld_total",
                "Late requests not sent a second time, to spare the host.",
                hedges.withheld());
    hedges
        .after()
        .ifPresent(
            after ->
                host.gauge(
                    "hawser_hedge_after_seconds",
                    "From when on requests are late.",
                    seconds(after)));
  }

  private void name(Name name) {
    with("host", name.host())
        .with("type", name.type())
        .gauge(
            "hawser_dns_addresses", "Addresses in the last good answer.", name.addresses().size())
        .gauge("hawser_dns_age_seconds", "Age of the last good answer.", seconds(name.age()))
        .gauge(
            "hawser_dns_ttl_left_seconds",
            "For how long it still holds; negative beyond its end.",
            seconds(name.ttlLeft()))
        .counter("hawser_dns_hits_total", "Look-ups answered from the cache.", name.hits())
        .counter("hawser_dns_refreshes_total", "Queries for the name.", name.refreshes())
        .counter(
            "hawser_dns_stale_serves_total",
            "Look-ups answered beyond the answer's end.",
            name.staleServes());
  }

  private void certificate(Certificate certificate) {
    with("file", certificate.file().toString())
        .with("subject", certificate.subject())
        .with("own", Boolean.toString(certificate.own()))
        .gauge(
            "hawser_certificate_not_after_seconds",
            "When the certificate ends, in seconds since 1970.",
            certificate.notAfter().getEpochSecond());
  }

  private void container(ContainerLoad container) {
    gauge("hawser_cpus", "CPUs whose time this process may use.", container.cpus());
    container
        .cpuTime()
        .ifPresent(
            time ->
                counter(
                    "hawser_cpu_seconds_total",
                    "CPU time that the control group has used.",
                    seconds(time)));
    container
        .cpuUtilisation()
        .ifPresent(
            share ->
                gauge(
                    "hawser_cpu_utilisation",
                    "Part of hawser_cpus used since a look a second ago or more.",
                    share));
    container.throttling().ifPresent(this::throttling);
    container.cpuPressure().ifPresent(pressure -> pressure("cpu", pressure));
    container.memoryPressure().ifPresent(pressure -> pressure("memory", pressure));
  }

  private void throttling(Throttling throttling) {
    counter("hawser_cpu_periods_total", "Periods of the CPU quota.", throttling.periods())
        .counter(
            "hawser_cpu_throttled_periods_total",
            "Periods in which the quota was used up.",
            throttling.throttledPeriods())
        .counter(
            "hawser_cpu_throttled_seconds_total",
            "For how long the quota stopped this process, over all CPUs.",
            seconds(throttling.throttled()));
  }

  private void pressure(String resource, Pressure pressure) {
    Metrics of = with("resource", resource).with("of", pressure.ofMachine() ? "machine" : "group");
    String help = "Share of the last ten seconds in which some, or all, tasks had to wait.";
    of.with("tasks", "some").gauge("hawser_pressure", help, pressure.some());
    of.with("tasks", "all").gauge("hawser_pressure", help, pressure.full());
    of.counter(
        "hawser_pressure_seconds_total",
        "For how long some task had to wait.",
        seconds(pressure.waited()));
  }

  // ---- one figure

  /** What follows is of this, too. */
  private Metrics with(String label, String value) {
    var more = new LinkedHashMap<>(labels);
    more.put(label, value);
    return new Metrics(metrics, more);
  }

  private Metrics gauge(String name, String help, Number value) {
    metrics.add(new Metric(name, Kind.GAUGE, help, labels, value.doubleValue()));
    return this;
  }

  private Metrics counter(String name, String help, Number value) {
    metrics.add(new Metric(name, Kind.COUNTER, help, labels, value.doubleValue()));
    return this;
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1e3;
  }
}
