package dev.hawser;

import dev.hawser.exchange.ClientBuilder;

/**
 * The entry point: makes clients.
 *
 * {@snippet :
 * HttpClient client = Hawser.newHttpClient();
 * HttpResponse<String> response =
 *     client.send(HttpRequest.newBuilder(URI.create("http://localhost:8080/")).build(), BodyHandlers.ofString());
 * }
 */
public final class Hawser {
  private Hawser() {}

  /**
   * Returns a client with the defaults of every option group; same as {@code newBuilder().build()}.
   */
  public static HawserClient newHttpClient() {
    return newBuilder().build();
  }

  /** Returns a builder, which may be used for several clients but by one thread at a time. */
  public static HawserClient.Builder newBuilder() {
    return new ClientBuilder();
  }
}
