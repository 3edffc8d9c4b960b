package dev.hawser.lab.client;

import dev.hawser.HawserClient;
import dev.hawser.NameLayer;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;

/** Any {@link HttpClient}: the JDK's own and Hawser are the same code here. */
final class JavaNetClient implements LabClient {
  private final HttpClient client;

  JavaNetClient(HttpClient client) {
    this.client = client;
  }

  @Override
  public Answer call(Request request) throws IOException, InterruptedException {
    HttpRequest.Builder built = HttpRequest.newBuilder(request.uri()).timeout(request.timeout());
    if (request.post()) {
      built.POST(BodyPublishers.ofString(Request.BODY));
    }
    return switch (request.reading()) {
      case ALL -> answer(client.send(built.build(), BodyHandlers.ofByteArray()));
      case CLOSED_EARLY -> {
        HttpResponse<InputStream> response =
            client.send(built.build(), BodyHandlers.ofInputStream());
        try (InputStream body = response.body()) {
          LabClient.readSome(body);
        }
        yield answer(response);
      }
      case NOT_AT_ALL -> answer(client.send(built.build(), BodyHandlers.ofInputStream()));
    };
  }

  private static Answer answer(HttpResponse<?> response) {
    return new Answer(
        response.statusCode(), response.headers().firstValue(Request.SERVER).orElse(""));
  }

  @Override
  public List<String> addressesBySource(String host) throws Exception {
    return client instanceof HawserClient hawser
        ? hawser.layers(host).stream().map(JavaNetClient::said).toList()
        : LabClient.super.addressesBySource(host);
  }

  private static String said(NameLayer layer) {
    return LabClient.said(layer.layer() + " (" + layer.source() + ")", layer.addresses());
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
