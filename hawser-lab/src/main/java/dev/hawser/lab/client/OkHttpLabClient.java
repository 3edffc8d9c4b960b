package dev.hawser.lab.client;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.ConnectionPool;
import okhttp3.OkHttpClient;
import okhttp3.RequestBody;
import okhttp3.Response;

/** OkHttp. */
final class OkHttpLabClient implements LabClient {
  private static final int IDLE = 5; // its defaults
  private static final Duration KEPT = Duration.ofMinutes(5);

  private final OkHttpClient client;

  OkHttpLabClient(Settings settings, Said said) {
    var builder = new OkHttpClient.Builder();
    if (settings.room() > 0 || settings.isSet(Limit.IDLE)) {
      int idle = Math.max(IDLE, settings.room());
      long kept = settings.limits().getOrDefault(Limit.IDLE, KEPT).toMillis();
      builder.connectionPool(new ConnectionPool(idle, kept, TimeUnit.MILLISECONDS));
      said.set("ConnectionPool(" + idle + ", " + kept + " ms)");
    }
    settings.ifSet(
        Limit.CONNECT,
        most -> {
          builder.connectTimeout(most);
          said.set("connectTimeout(" + Said.seconds(most) + ")");
        });
    settings.ifSet(
        Limit.HANDSHAKE,
        most -> {
          builder.readTimeout(most);
          said.set("readTimeout(" + Said.seconds(most) + "), which bounds each read of TLS");
        });
    PemFolder.ifGiven(
        pem -> {
          builder.sslSocketFactory(pem.context().getSocketFactory(), pem.trust());
          said.set("sslSocketFactory(…) of an SSLContext of the PEM files");
        });
    JvmNames.set(settings, said);
    settings.ifSet(
        Limit.TURN,
        _ ->
            said.none(
                Limit.TURN,
                "the Dispatcher's limits hold for enqueue(), where what waits has no bound"));
    said.noneFor(settings, Limit.AGE, Limit.LOOK_AFTER);
    client = builder.build();
  }

  @Override
  public Answer call(Request request) throws IOException {
    var built = new okhttp3.Request.Builder().url(request.uri().toString());
    if (request.post()) {
      built.post(RequestBody.create(Request.BODY, null));
    }
    Call call = client.newCall(built.build());
    call.timeout().timeout(request.timeout().toMillis(), TimeUnit.MILLISECONDS);
    return switch (request.reading()) {
      case ALL -> {
        try (Response response = call.execute()) {
          response.body().bytes();
          yield answer(response);
        }
      }
      case CLOSED_EARLY -> {
        try (Response response = call.execute()) {
          LabClient.readSome(response.body().byteStream());
          yield answer(response);
        }
      }
      case NOT_AT_ALL -> answer(call.execute());
    };
  }

  private static Answer answer(Response response) {
    String server = response.header(Request.SERVER);
    return new Answer(response.code(), server == null ? "" : server);
  }

  @Override
  public List<String> addressesBySource(String host) throws IOException {
    return List.of(LabClient.said("OkHttpClient.dns()", client.dns().lookup(host)));
  }

  @Override
  public void close() {
    client.dispatcher().cancelAll();
    client.dispatcher().executorService().shutdown();
    client.connectionPool().evictAll();
  }
}
