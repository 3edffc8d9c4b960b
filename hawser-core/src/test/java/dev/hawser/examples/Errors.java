package dev.hawser.examples;

import dev.hawser.CallRefusedException;
import dev.hawser.ConnectFailedException;
import dev.hawser.ConnectTimeoutException;
import dev.hawser.ExchangeException;
import dev.hawser.ExchangeFailure;
import dev.hawser.ExchangeTimeoutException;
import dev.hawser.HawserClient;
import dev.hawser.Phase;
import dev.hawser.ProxyFailedException;
import dev.hawser.Refusal;
import dev.hawser.TlsFailedException;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;

/** Examples of what to do with errors, shown in the API's documentation. */
final class Errors {
  private Errors() {}

  static void facts(HawserClient client, HttpRequest request, Log log)
      throws IOException, InterruptedException {
    // @start region="facts"
    try {
      client.send(request, BodyHandlers.ofString());
    } catch (IOException e) {
      if (e instanceof ExchangeFailure failure) {
        ExchangeFailure.Details details = failure.details();
        log.info("{} {} {}", details.phase(), details.origin(), details.timeline().total());
      }
      throw e; // its message says it all in one line
    }
    // @end
  }

  static String types(HawserClient client, HttpRequest request, HttpRequest toAnotherServer)
      throws IOException, InterruptedException {
    // @start region="types"
    try {
      return client.send(request, BodyHandlers.ofString()).body();
    } catch (ConnectFailedException | ConnectTimeoutException e) {
      // nothing was sent
      return client.send(toAnotherServer, BodyHandlers.ofString()).body();
    } catch (TlsFailedException e) {
      throw new IllegalStateException("mend the certificates", e); // trying again is of no use
    } catch (ExchangeTimeoutException e) {
      return "late"; // the server may be at work on it
    } catch (ExchangeException e) {
      return "broken"; // so may it here
    }
    // @end
  }

  static void tls(HawserClient client, HttpRequest request, Log log)
      throws IOException, InterruptedException {
    // @start region="tls"
    try {
      client.send(request, BodyHandlers.discarding());
    } catch (TlsFailedException e) {
      switch (e.reason()) {
        case EXPIRED, NOT_YET_VALID -> log.info("renew {}", e.details().origin());
        case UNKNOWN_AUTHORITY, MISSING_INTERMEDIATE, SELF_SIGNED ->
            e.chain().forEach(each -> log.info("not trusted: {}", each.getIssuerX500Principal()));
        default -> throw e; // its message says what to do
      }
    }
    // @end
  }

  static void proxy(HawserClient client, HttpRequest request, Log log)
      throws IOException, InterruptedException {
    // @start region="proxy"
    try {
      client.send(request, BodyHandlers.discarding());
    } catch (ProxyFailedException e) {
      log.info("the proxy says {}", e.status()); // 407: a password; 502: no way to the server
      throw e;
    }
    // @end
  }

  static String refused(HawserClient client, HttpRequest request)
      throws IOException, InterruptedException {
    // @start region="refused"
    try {
      return client.send(request, BodyHandlers.ofString()).body();
    } catch (CallRefusedException e) {
      String why = // nothing was sent
          switch (e.refusal()) {
            case Refusal.BreakerOpen open -> "it fails: " + open.reason();
            case Refusal.LimitReached limit -> limit.inFlight() + " requests are under way";
          };
      return why + "; try again in " + e.retryAfter().toMillis() + " ms";
    }
    // @end
  }

  static boolean serversFault(ExchangeFailure failure) {
    // @start region="phase"
    Phase phase = failure.details().phase();
    boolean ours = phase == Phase.QUEUE; // too few connections, not a slow server
    // @end
    return !ours;
  }
}
