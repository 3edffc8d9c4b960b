package dev.hawser.lab.client;

import dev.hawser.Hawser;
import dev.hawser.HawserClient;
import dev.hawser.PoolOptions;
import dev.hawser.TlsFile;
import dev.hawser.TlsOptions;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Locale;
import java.util.Properties;

/** The clients compared. */
public enum Client {
  /** The JDK's. */
  JDK("JDK HttpClient") {
    @Override
    public LabClient open(Settings settings, String dns, Said said) {
      settings.ifSet(
          Limit.IDLE,
          idle -> {
            String seconds = Long.toString(Math.max(1, idle.toSeconds()));
            System.setProperty("jdk.httpclient.keepalive.timeout", seconds);
            said.set("-Djdk.httpclient.keepalive.timeout=" + seconds);
          });
      JvmNames.set(settings, said);
      HttpClient.Builder builder = HttpClient.newBuilder();
      if (settings.isSet(Limit.HANDSHAKE) || settings.isSet(Limit.CONNECT)) {
        var most = settings.limits().getOrDefault(Limit.CONNECT, Duration.ZERO);
        var tls = settings.limits().getOrDefault(Limit.HANDSHAKE, Duration.ZERO);
        builder.connectTimeout(most.plus(tls));
        said.set("connectTimeout(" + Said.seconds(most.plus(tls)) + "), which covers TLS");
      }
      PemFolder.ifGiven(
          pem -> {
            builder.sslContext(pem.context());
            said.set("sslContext(…), of the PEM files");
          });
      said.noneFor(settings, Limit.AGE, Limit.TURN);
      return new JavaNetClient(builder.build());
    }
  },

  /** OkHttp. */
  OKHTTP("OkHttp") {
    @Override
    public LabClient open(Settings settings, String dns, Said said) {
      return new OkHttpLabClient(settings, said);
    }
  },

  /** Apache HttpClient 5, classic. */
  APACHE("Apache HttpClient 5") {
    @Override
    public LabClient open(Settings settings, String dns, Said said) {
      return new ApacheLabClient(settings, said);
    }
  },

  /** Vert.x. */
  VERTX("Vert.x") {
    @Override
    public LabClient open(Settings settings, String dns, Said said) {
      return new VertxLabClient(settings, dns, said);
    }
  },

  /** Ours. */
  HAWSER("Hawser") {
    @Override
    public String hostsFileProperty() {
      return "jdk.net.hosts.file";
    }

    @Override
    public LabClient open(Settings settings, String dns, Said said) {
      HawserClient.Builder builder =
          Hawser.newBuilder().tls(tls -> tls.provider(TlsOptions.Provider.JDK));
      if (!dns.isEmpty()) {
        builder.dns(names -> names.servers(dns.split(",", -1)));
      }
      if (System.getProperty(hostsFileProperty()) != null) {
        said.set("-D" + hostsFileProperty());
      }
      if (settings.room() > 0) {
        builder.pool(
            pool ->
                pool.maxConnectionsPerHost(Math.max(pool.maxConnectionsPerHost(), settings.room()))
                    .maxIdlePerHost(Math.max(pool.maxIdlePerHost(), settings.room())));
        said.set("pool.maxConnectionsPerHost " + Math.max(100, settings.room()));
      }
      String sizing = System.getProperty(SIZING);
      if (sizing != null) {
        builder.pool(pool -> pool.sizing(PoolOptions.Sizing.valueOf(sizing)));
        said.set("in a process beside its own: pool.sizing " + sizing);
      }
      settings.ifSet(
          Limit.IDLE,
          idle -> {
            builder.pool(pool -> pool.idleTimeout(idle));
            said.set("pool.idleTimeout " + Said.seconds(idle));
          });
      settings.ifSet(
          Limit.AGE,
          age -> {
            builder.pool(pool -> pool.maxAge(age));
            said.set("pool.maxAge " + Said.seconds(age));
          });
      settings.ifSet(
          Limit.STALE_DNS,
          stale -> {
            builder.dns(names -> names.staleFor(stale));
            said.set("dns.staleFor " + Said.seconds(stale));
          });
      settings.ifSet(
          Limit.CONNECT,
          most -> {
            builder.tcp(tcp -> tcp.connectTimeout(most));
            said.set("tcp.connectTimeout " + Said.seconds(most));
          });
      settings.ifSet(
          Limit.HANDSHAKE,
          most -> {
            builder.tls(tls -> tls.handshakeTimeout(most));
            said.set("tls.handshakeTimeout " + Said.seconds(most));
          });
      settings.ifSet(
          Limit.TURN,
          most -> {
            builder.limit(limit -> limit.enabled(true).maxWait(most));
            said.set("limit.enabled true, which is off by default");
            said.set("limit.maxWait " + Said.seconds(most));
          });
      PemFolder.ifGiven(
          pem -> {
            builder.tls(
                tls ->
                    tls.onlyRoots(TlsFile.of(pem.roots()))
                        .identity(TlsFile.of(pem.chain()), TlsFile.of(pem.key())));
            said.set("tls.onlyRoots and tls.identity, the PEM files");
          });
      return new JavaNetClient(builder.build());
    }
  };

  /**
   * The property that says how Hawser's pool is sized, where an experiment compares that with its
   * default.
   */
  public static final String SIZING = "hawser.lab.sizing";

  /** The property that says where the hosts file is, for those who know only the system's. */
  public static final String HOSTS_FILE = "hawser.lab.hosts";

  private final String title;

  Client(String title) {
    this.title = title;
  }

  /**
   * Makes one, in this process.
   *
   * @param dns whom to ask for names, as {@code 127.0.0.1:5353}, or several with commas between,
   *     the next where one does not answer; empty: as the system does
   * @param said is told what was set
   */
  public abstract LabClient open(Settings settings, String dns, Said said);

  /** The property of its JVM by which it is told of a hosts file that is not the system's. */
  public String hostsFileProperty() {
    return HOSTS_FILE;
  }

  /** Whether it speaks HTTP/2. */
  public boolean http2() {
    return this != APACHE; // the classic one, which blocks
  }

  /** As it goes by on the command line and in JSON. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** As it calls itself. */
  public String title() {
    return title;
  }

  /** Its version. */
  public String version() {
    return this == JDK ? Runtime.version().toString() : Versions.READ.getProperty(id(), "?");
  }

  private static final class Versions {
    private static final Properties READ = read();

    private static Properties read() {
      var properties = new Properties();
      try (InputStream in =
          Client.class.getResourceAsStream("/dev/hawser/lab/clients.properties")) {
        if (in != null) {
          properties.load(in);
        }
        return properties;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
