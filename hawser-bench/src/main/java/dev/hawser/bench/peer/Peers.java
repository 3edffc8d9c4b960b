package dev.hawser.bench.peer;

import dev.hawser.FileBody;
import dev.hawser.Hawser;
import dev.hawser.HawserClient;
import dev.hawser.TlsOptions;
import dev.hawser.bench.peer.Peer.Target;
import io.vertx.core.net.JdkSSLEngineOptions;
import io.vertx.core.net.OpenSSLEngineOptions;
import java.net.http.HttpClient;
import java.time.Duration;

/** The clients that run in a JVM, by the name they go by on the command line. */
public enum Peers {
  HAWSER("hawser") {
    @Override
    Peer create(Target target) {
      return new JavaNetPeer(target, hawser(target).build());
    }
  },
  /** With BoringSSL instead of the JDK's TLS. */
  HAWSER_CONSCRYPT("hawser-conscrypt") {
    @Override
    Peer create(Target target) {
      return new JavaNetPeer(
          target, hawser(target).tls(tls -> tls.provider(TlsOptions.Provider.CONSCRYPT)).build());
    }
  },
  /** Nobody waits for another one's session: what a herd costs without that. */
  HAWSER_UNBOUNDED("hawser-unbounded") {
    @Override
    Peer create(Target target) {
      return new JavaNetPeer(
          target, hawser(target).tls(tls -> tls.resumeWait(Duration.ZERO)).build());
    }
  },
  /** With its own bodies for files instead of the JDK's. */
  HAWSER_FILE("hawser-file") {
    @Override
    Peer create(Target target) {
      return new JavaNetPeer(target, hawser(target).build(), FileBody::of);
    }
  },
  JDK("jdk") {
    @Override
    Peer create(Target target) {
      return new JavaNetPeer(target, HttpClient.newHttpClient());
    }
  },
  OKHTTP("okhttp") {
    @Override
    Peer create(Target target) {
      return new OkHttpPeer(target);
    }
  },
  APACHE("apache") {
    @Override
    Peer create(Target target) {
      return new ApacheClassicPeer(target);
    }
  },
  APACHE_ASYNC("apache-async") {
    @Override
    Peer create(Target target) {
      return new ApacheAsyncPeer(target);
    }
  },
  JETTY("jetty") {
    @Override
    Peer create(Target target) throws Exception {
      return new JettyPeer(target);
    }
  },
  VERTX("vertx") {
    @Override
    Peer create(Target target) {
      return new VertxPeer(target, new JdkSSLEngineOptions());
    }
  },
  /** With BoringSSL instead of the JDK's TLS. */
  VERTX_OPENSSL("vertx-openssl") {
    @Override
    Peer create(Target target) {
      return new VertxPeer(target, new OpenSSLEngineOptions());
    }
  },
  ARMERIA("armeria") {
    @Override
    Peer create(Target target) {
      return new ArmeriaPeer(target);
    }
  },
  REACTOR_NETTY("reactor-netty") {
    @Override
    Peer create(Target target) {
      return new ReactorNettyPeer(target);
    }
  },
  HELIDON("helidon") {
    @Override
    Peer create(Target target) {
      return new HelidonPeer(target);
    }
  },
  BARE("bare") {
    @Override
    Peer create(Target target) {
      return new BarePeer(target, false);
    }
  },
  BARE_PLATFORM("bare-platform") {
    @Override
    Peer create(Target target) {
      return new BarePeer(target, true);
    }
  },
  JDK_BODY("jdk-body") {
    @Override
    Peer create(Target target) {
      return new JdkObjectsPeer(false);
    }
  },
  JDK_OBJECTS("jdk-objects") {
    @Override
    Peer create(Target target) {
      return new JdkObjectsPeer(true);
    }
  };

  private final String label;

  Peers(String label) {
    this.label = label;
  }

  abstract Peer create(Target target) throws Exception;

  /**
   * The defaults, with room for all callers, and with the JDK's TLS: Conscrypt is on the class
   * path.
   */
  private static HawserClient.Builder hawser(Target target) {
    return Hawser.newBuilder()
        .tls(tls -> tls.provider(TlsOptions.Provider.JDK))
        .http2(
            http2 ->
                http2
                    .priorKnowledge(target.http2() && !target.secure())
                    .maxConnectionsPerHost(1)
                    .maxConcurrentStreams(Math.max(http2.maxConcurrentStreams(), target.callers())))
        .pool(
            pool ->
                pool.maxConnectionsPerHost(
                    Math.max(pool.maxConnectionsPerHost(), target.callers())));
  }

  public String label() {
    return label;
  }

  public static Peer open(String label, Target target) throws Exception {
    for (Peers peer : values()) {
      if (peer.label.equals(label)) {
        return peer.create(target);
      }
    }
    throw new IllegalArgumentException("no such client: " + label);
  }
}
