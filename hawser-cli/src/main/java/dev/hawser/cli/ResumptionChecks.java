package dev.hawser.cli;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;

/** What a server's second handshake costs, and its hundredth; by handshakes alone. */
final class ResumptionChecks {
  private static final String TICKETS = "tls.tickets";
  private static final String RESUMPTION = "tls.resumption";
  private static final String TIME = "tls.time";

  /** Handshakes over this are worth a call in the night; over the limit they fail. */
  private static final Duration ALERT = Duration.ofMillis(1_200);

  private static final Duration LIMIT = Duration.ofSeconds(2);
  private static final int MOST_TICKETS = 10;

  private final TlsProbe probe;
  private final Supplier<SSLContext> contexts;
  private final int tries;
  private final CheckReport report;
  private final List<Duration> resumed = new ArrayList<>();

  /**
   * Looks at nothing yet.
   *
   * @param contexts gives contexts that trust anyone, without sessions
   * @param tries full and resumed handshakes to be timed
   */
  ResumptionChecks(TlsProbe probe, Supplier<SSLContext> contexts, int tries, CheckReport report) {
    this.probe = probe;
    this.contexts = contexts;
    this.tries = tries;
    this.report = report;
  }

  void run() throws InterruptedException {
    report.add(TICKETS, this::tickets);
    report.add(RESUMPTION, this::resumption);
    report.add(TIME, this::time);
  }

  /** Those that come, and those that are taken back: only the latter spare a handshake. */
  private Check tickets() {
    SSLContext context = contexts.get();
    TlsProbe.Outcome first;
    int redeemed = 0;
    try {
      first = probe.withTickets(context);
      int most = Math.min(first.sessions(), MOST_TICKETS);
      while (redeemed < most && probe.handshake(context).resumed()) {
        redeemed++;
      }
    } catch (IOException e) {
      return Check.skip(TICKETS, "a handshake failed: " + Errors.oneLine(e));
    }
    int given = Math.min(first.sessions(), MOST_TICKETS);
    if (given == 0) {
      return Check.warn(
          TICKETS,
          "the server gives none",
          "every connection costs it and its clients a full handshake",
          "Enable session tickets on the server, and share their keys between instances");
    }
    boolean tls13 = first.version().equals("TLSv1.3");
    String found =
        "%d %s%s given, %s"
            .formatted(
                given,
                tls13 ? "ticket" : "session",
                given == 1 ? "" : "s",
                redeemed == given
                    ? (given == 1 ? "and taken back" : "and each taken back")
                    : redeemed + " taken back");
    return redeemed == given
        ? Check.ok(TICKETS, found)
        : Check.warn(
            TICKETS,
            found,
            "a full handshake follows where the server has promised a cheap one",
            tls13
                ? "Instances behind one address must share their ticket keys"
                : "Enable session tickets or a session cache on the server (nginx:"
                    + " ssl_session_cache shared:tls:10m), shared by all instances");
  }

  private Check resumption() {
    SSLContext context = contexts.get();
    try {
      TlsProbe.Outcome ignored = probe.withTickets(context);
      for (int i = 1; i <= tries; i++) {
        report.busy("%s: connection %d of %d".formatted(RESUMPTION, i, tries));
        TlsProbe.Outcome outcome = probe.withTickets(context);
        if (outcome.resumed()) {
          resumed.add(outcome.took());
        }
      }
    } catch (IOException e) {
      return Check.skip(RESUMPTION, "a handshake failed: " + Errors.oneLine(e));
    }
    String found =
        "%d of %d further connections resumed a session".formatted(resumed.size(), tries);
    return resumed.size() == tries
        ? Check.ok(RESUMPTION, found)
        : Check.warn(
            RESUMPTION,
            found,
            "the others cost a full handshake each: CPU on both sides, and with TLS 1.2 a round"
                + " trip",
            resumed.isEmpty()
                ? "Enable session tickets on the server; if they are, look whether it keeps their"
                    + " keys from one connection to the next"
                : "Instances behind one address must share their ticket keys");
  }

  /** Full handshakes against resumed ones. */
  private Check time() {
    var full = new ArrayList<Duration>();
    String failure = "";
    for (int i = 1; i <= tries; i++) {
      report.busy("%s: connection %d of %d".formatted(TIME, i, tries));
      try {
        full.add(probe.handshake(contexts.get()).took());
      } catch (IOException e) {
        failure = Errors.oneLine(e);
      }
    }
    if (full.isEmpty()) {
      return Check.fail(
          TIME,
          "%d of %d handshakes failed: %s".formatted(tries, tries, failure),
          "one went through before: the server, or something before it, limits them",
          "Look at the server's log and load, and at limits on connections");
    }
    String found = "full " + percentiles(full);
    if (!resumed.isEmpty()) {
      found += ", resumed " + percentiles(resumed);
    }
    if (full.size() < tries) {
      return Check.warn(
          TIME,
          "%d of %d handshakes failed: %s; the others: %s"
              .formatted(tries - full.size(), tries, failure, found),
          "so will some of its clients'",
          "Look at the server's log and load, and at limits on connections");
    }
    Duration late = percentile(full, 95);
    String why = "clients give up after 2 s, and 1.2 s is the alert";
    String fix =
        "Look at the server's CPU, its key (RSA 4096 costs much), and the round-trip time to it"
            + " (see tcp)";
    if (late.compareTo(LIMIT) > 0) {
      return Check.fail(TIME, found, why, fix);
    }
    return late.compareTo(ALERT) > 0 ? Check.warn(TIME, found, why, fix) : Check.ok(TIME, found);
  }

  private static String percentiles(List<Duration> times) {
    return "P50 %s P95 %s ms"
        .formatted(Durations.shown(percentile(times, 50)), Durations.shown(percentile(times, 95)));
  }

  private static Duration percentile(List<Duration> times, int percent) {
    Duration[] sorted = times.toArray(Duration[]::new);
    Arrays.sort(sorted);
    return sorted[Math.max(0, (sorted.length * percent + 99) / 100 - 1)];
  }
}
