package dev.hawser.lab.client;

import java.io.IOException;
import java.time.Duration;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.entity.StringEntity;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/** Apache HttpClient 5, classic. */
final class ApacheLabClient implements LabClient {
  private final CloseableHttpClient client;
  private final @Nullable Duration turn; // null: as long as the call may take

  ApacheLabClient(Settings settings, Said said) {
    PoolingHttpClientConnectionManagerBuilder pool =
        PoolingHttpClientConnectionManagerBuilder.create();
    if (settings.room() > 0) {
      pool.setMaxConnPerRoute(settings.room()).setMaxConnTotal(settings.room());
      said.set("maxConnPerRoute and maxConnTotal " + settings.room());
    }
    ConnectionConfig.Builder connection = ConnectionConfig.custom();
    settings.ifSet(
        Limit.LOOK_AFTER,
        after -> {
          connection.setValidateAfterInactivity(time(after));
          said.set("validateAfterInactivity " + Said.seconds(after));
        });
    settings.ifSet(
        Limit.AGE,
        age -> {
          connection.setTimeToLive(time(age));
          said.set("timeToLive " + Said.seconds(age));
        });
    settings.ifSet(
        Limit.CONNECT,
        most -> {
          connection.setConnectTimeout(Timeout.of(most));
          said.set("connectTimeout " + Said.seconds(most));
        });
    pool.setDefaultConnectionConfig(connection.build());
    settings.ifSet(
        Limit.HANDSHAKE,
        most -> {
          pool.setDefaultTlsConfig(
              TlsConfig.custom().setHandshakeTimeout(Timeout.of(most)).build());
          said.set("TlsConfig.handshakeTimeout " + Said.seconds(most));
        });
    PemFolder.ifGiven(
        pem -> {
          pool.setTlsSocketStrategy(new DefaultClientTlsStrategy(pem.context()));
          said.set("DefaultClientTlsStrategy of an SSLContext of the PEM files");
        });
    HttpClientBuilder builder = HttpClients.custom().setConnectionManager(pool.build());
    settings.ifSet(
        Limit.IDLE,
        idle -> {
          builder.setKeepAliveStrategy((response, context) -> time(idle));
          said.set("keepAliveStrategy " + Said.seconds(idle));
        });
    turn = settings.limits().get(Limit.TURN);
    settings.ifSet(Limit.TURN, most -> said.set("connectionRequestTimeout " + Said.seconds(most)));
    JvmNames.set(settings, said);
    client = builder.build();
  }

  private static TimeValue time(Duration duration) {
    return TimeValue.ofMilliseconds(duration.toMillis());
  }

  @Override
  public Answer call(Request request) throws IOException {
    var built = new HttpUriRequestBase(request.method(), request.uri());
    built.setConfig(
        RequestConfig.custom()
            .setConnectionRequestTimeout(Timeout.of(turn == null ? request.timeout() : turn))
            .setResponseTimeout(Timeout.of(request.timeout()))
            .build());
    if (request.post()) {
      built.setEntity(new StringEntity(Request.BODY));
    }
    return switch (request.reading()) {
      case ALL ->
          client.execute(
              built,
              response -> {
                EntityUtils.consume(response.getEntity());
                return answer(response);
              });
      case CLOSED_EARLY -> {
        try (ClassicHttpResponse response = client.executeOpen(host(request), built, null)) {
          LabClient.readSome(response.getEntity().getContent());
          yield answer(response);
        }
      }
      case NOT_AT_ALL -> answer(client.executeOpen(host(request), built, null));
    };
  }

  private static HttpHost host(Request request) {
    return HttpHost.create(request.uri());
  }

  private static Answer answer(HttpResponse response) {
    Header server = response.getFirstHeader(Request.SERVER);
    return new Answer(response.getCode(), server == null ? "" : server.getValue());
  }

  @Override
  public void close() throws IOException {
    client.close();
  }
}
