package dev.hawser.lab.client;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.dns.AddressResolverOptions;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** Vert.x, whose callers wait for its futures. It has a resolver of its own. */
final class VertxLabClient implements LabClient {
  private final Vertx vertx;
  private final HttpClient client;

  VertxLabClient(Settings settings, String dns, Said said) {
    var options = new VertxOptions();
    if (!dns.isEmpty()) {
      var resolver = new AddressResolverOptions();
      List.of(dns.split(",", -1)).forEach(resolver::addServer);
      options.setAddressResolverOptions(resolver);
    }
    String hosts = System.getProperty(Client.HOSTS_FILE);
    if (hosts != null) {
      options.getAddressResolverOptions().setHostsPath(hosts);
      said.set("AddressResolverOptions.hostsPath");
    }
    settings.ifSet(
        Limit.DNS,
        ttl -> {
          options.getAddressResolverOptions().setCacheMaxTimeToLive((int) ttl.toSeconds());
          said.set("AddressResolverOptions.cacheMaxTimeToLive " + ttl.toSeconds());
          if (hosts != null) {
            options.getAddressResolverOptions().setHostsRefreshPeriod((int) ttl.toMillis());
            said.set("AddressResolverOptions.hostsRefreshPeriod " + ttl.toMillis());
          }
        });
    vertx = Vertx.vertx(options);
    var http = new HttpClientOptions();
    var pool = new PoolOptions();
    if (settings.room() > 0) {
      pool.setHttp1MaxSize(settings.room());
      said.set("PoolOptions.http1MaxSize " + settings.room());
    }
    settings.ifSet(
        Limit.TURN,
        _ -> {
          int waiting = Math.max(1, settings.room());
          pool.setMaxWaitQueueSize(waiting);
          said.set("PoolOptions.maxWaitQueueSize " + waiting + ", whatever time they wait");
        });
    settings.ifSet(
        Limit.IDLE,
        idle -> {
          int seconds = (int) Math.max(1, idle.toSeconds());
          http.setKeepAliveTimeout(seconds);
          said.set("keepAliveTimeout " + seconds);
        });
    settings.ifSet(
        Limit.AGE,
        age -> {
          pool.setMaxLifetime((int) age.toMillis()).setMaxLifetimeUnit(TimeUnit.MILLISECONDS);
          said.set("PoolOptions.maxLifetime " + Said.seconds(age));
        });
    settings.ifSet(
        Limit.CONNECT,
        most -> {
          http.setConnectTimeout((int) most.toMillis());
          said.set("connectTimeout " + Said.seconds(most));
        });
    settings.ifSet(
        Limit.HANDSHAKE,
        most -> {
          http.setSslHandshakeTimeout(most.toMillis())
              .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS);
          said.set("sslHandshakeTimeout " + Said.seconds(most));
        });
    PemFolder.ifGiven(
        pem -> {
          http.setKeyCertOptions(
                  new PemKeyCertOptions()
                      .setCertPath(pem.chain().toString())
                      .setKeyPath(pem.key().toString()))
              .setTrustOptions(new PemTrustOptions().addCertPath(pem.roots().toString()));
          said.set("PemKeyCertOptions and PemTrustOptions, the PEM files");
        });
    if (settings.http2()) {
      http.setProtocolVersion(HttpVersion.HTTP_2).setUseAlpn(true);
      said.set("protocolVersion HTTP_2, useAlpn");
    }
    said.noneFor(settings, Limit.LOOK_AFTER, Limit.STALE_DNS);
    client = vertx.createHttpClient(http, pool);
  }

  @Override
  public Answer call(Request request) throws Exception {
    var options =
        new RequestOptions()
            .setMethod(HttpMethod.valueOf(request.method()))
            .setHost(request.uri().getHost())
            .setPort(request.uri().getPort())
            .setSsl("https".equals(request.uri().getScheme()))
            .setURI(request.uri().getRawPath())
            .setTimeout(request.timeout().toMillis());
    Future<Answer> answer =
        client
            .request(options)
            .compose(out -> request.post() ? out.send(Buffer.buffer(Request.BODY)) : out.send())
            .compose(response -> read(response, request.reading()));
    try {
      return answer.toCompletionStage().toCompletableFuture().get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }

  private static Future<Answer> read(HttpClientResponse response, Reading reading) {
    return switch (reading) {
      case ALL -> response.body().map(body -> answer(response));
      case CLOSED_EARLY -> {
        HttpClientRequest request = response.request();
        request.reset();
        yield Future.succeededFuture(answer(response));
      }
      // It reads on by itself, and throws away what nobody has asked for.
      case NOT_AT_ALL -> Future.succeededFuture(answer(response));
    };
  }

  private static Answer answer(HttpClientResponse response) {
    String server = response.getHeader(Request.SERVER);
    return new Answer(response.statusCode(), server == null ? "" : server);
  }

  /** It has a resolver of its own, which nobody can ask. */
  @Override
  public List<String> addressesBySource(String host) {
    return List.of();
  }

  @Override
  public void close() {
    client.close();
    vertx.close();
  }
}
