package dev.hawser.faults;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * How servers end an HTTP/2 connection, well and badly. What a GOAWAY says is not processed, above
 * its last stream, may be repeated elsewhere whatever the method is; the rest may not.
 *
 * {@snippet :
 * FaultServer.start(Http2Endings.goesAwayUnprocessed(), Http2Script.ok("hello"));
 * }
 */
public final class Http2Endings {
  private Http2Endings() {}

  /** Answers so many requests, says with the last that it goes, and lets the client close. */
  public static Http2Script goesAwayAfter(int requests, String body) {
    return peer -> {
      peer.handshake();
      for (int i = 1; i <= requests; i++) {
        Http2Request request = peer.readRequest();
        if (i == requests) {
          peer.goAway(request.stream(), Http2Error.NO_ERROR, "");
        }
        peer.ok(request, body);
      }
      peer.stall();
    };
  }

  /** Goes away and has processed nothing: every request may be repeated elsewhere. */
  public static Http2Script goesAwayUnprocessed() {
    return Http2Faults.onFirstRequest(
        (peer, _) -> peer.goAway(0, Http2Error.NO_ERROR, "not processed"));
  }

  /** The same in place of its SETTINGS, as Jetty does to whoever comes while it is stopped. */
  public static Http2Script goesAwayInPlaceOfSettings() {
    return peer -> {
      peer.readPreface();
      peer.goAway(0, Http2Error.NO_ERROR, "not processed");
      peer.stall();
    };
  }

  /** Reads so many requests, goes away, and answers only the first: the others may be repeated. */
  public static Http2Script goesAwayAmong(int requests, String body) {
    return peer -> {
      peer.handshake();
      var all = readRequests(peer, requests);
      peer.goAway(all.getFirst().stream(), Http2Error.NO_ERROR, "");
      peer.ok(all.getFirst(), body);
      peer.stall();
    };
  }

  /**
   * Says that it goes before it knows the last stream, and says it again, as RFC 9113 6.8 shows.
   */
  public static Http2Script goesAwayTwice(String body) {
    return Http2Faults.onFirstRequest(
        (peer, request) -> {
          peer.goAway(Integer.MAX_VALUE, Http2Error.NO_ERROR, "");
          peer.goAway(request.stream(), Http2Error.NO_ERROR, "");
          peer.ok(request, body);
        });
  }

  /** Goes away in the middle of a request it has begun with, and closes: it may be applied. */
  public static Http2Script goesAwayAbruptly(Http2Error error) {
    return peer -> {
      peer.handshake();
      peer.goAway(peer.readRequest().stream(), error, "abruptly");
    };
  }

  /** Begins to answer so many requests, and resets the connection. */
  public static Http2Script loses(int requests) {
    return peer -> {
      peer.handshake();
      for (Http2Request request : readRequests(peer, requests)) {
        peer.headers(request.stream(), 200);
        peer.data(request.stream(), "a part");
      }
      peer.connection().reset();
    };
  }

  static List<Http2Request> readRequests(Http2Peer peer, int count) throws IOException {
    var requests = new ArrayList<Http2Request>();
    for (int i = 0; i < count; i++) {
      requests.add(peer.readRequest());
    }
    return requests;
  }
}
