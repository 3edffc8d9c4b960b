package dev.hawser.interop;

import static dev.hawser.interop.Behaviour.BODIES;
import static dev.hawser.interop.Behaviour.CONTINUE;
import static dev.hawser.interop.Behaviour.CUT;
import static dev.hawser.interop.Behaviour.EARLY_ANSWER;
import static dev.hawser.interop.Behaviour.EARLY_HINTS;
import static dev.hawser.interop.Behaviour.NO_BODY;
import static dev.hawser.interop.Behaviour.RELOAD;
import static dev.hawser.interop.Behaviour.TRAILERS;
import static dev.hawser.interop.Behaviour.UPLOADS;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Servers, what they speak and what each is seen to do: the table of the document. */
enum Make {
  NGINX("nginx", all(), BODIES, UPLOADS, NO_BODY, TRAILERS, CONTINUE, EARLY_ANSWER, CUT, RELOAD),
  HAPROXY(
      "haproxy",
      all(),
      BODIES,
      UPLOADS,
      NO_BODY,
      TRAILERS,
      EARLY_HINTS,
      CONTINUE,
      EARLY_ANSWER,
      CUT,
      RELOAD),
  APACHE("Apache httpd", all(), BODIES, UPLOADS, NO_BODY, CONTINUE, EARLY_ANSWER, CUT, RELOAD),
  NGHTTPD("nghttpd", EnumSet.of(Protocol.HTTP_2_TLS, Protocol.HTTP_2), BODIES, NO_BODY, TRAILERS),
  NODE("Node", all(), Behaviour.values()),
  JETTY("Jetty", all(), Behaviour.values()),
  NETTY("Netty", all(), Behaviour.values());

  private final String label;
  private final Set<Protocol> protocols;
  private final List<Behaviour> behaviours;

  Make(String label, Set<Protocol> protocols, Behaviour... behaviours) {
    this.label = label;
    this.protocols = protocols;
    this.behaviours = List.of(behaviours);
  }

  private static Set<Protocol> all() {
    return EnumSet.allOf(Protocol.class);
  }

  /** Whether it has itself dropped a call while it was reloaded, as the failure says. */
  boolean drops(String failure) {
    // Over HTTP/2, now and then: it goes away and closes with responses under way; where it has not
    // read all that was sent, its kernel resets the connection, and the GOAWAY may be lost by that.
    return this == APACHE
        && (failure.contains("the server closed the connection (GOAWAY: ")
            || failure.contains("the connection was lost: Connection reset"));
  }

  /** Over which of its protocols this is seen: all or none. */
  Stream<Protocol> protocols(Behaviour behaviour) {
    return behaviours.contains(behaviour) ? protocols.stream() : Stream.of();
  }

  /** Its row of the table. */
  String row() {
    return Stream.concat(
            Stream.of(label, protocols.equals(all()) ? "all" : "HTTP/2"),
            Stream.of(Behaviour.values()).map(each -> behaviours.contains(each) ? "yes" : "-"))
        .collect(Collectors.joining(" | ", "| ", " |"));
  }

  static String head() {
    return Stream.concat(
            Stream.of("Server", "Protocols"), Stream.of(Behaviour.values()).map(Object::toString))
        .collect(Collectors.joining(" | ", "| ", " |"));
  }
}
