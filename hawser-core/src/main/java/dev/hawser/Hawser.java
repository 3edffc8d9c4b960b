package dev.hawser;

import dev.hawser.exchange.ClientBuilder;

/**
 * The entry point: makes clients.
 *
 * {@snippet class="dev.hawser.examples.Calls" region="first"}
 */
public final class Hawser {
  private Hawser() {}

  /**
   * {@return a client with the defaults of every option group; same as {@code
   * newBuilder().build()}}
   */
  public static HawserClient newHttpClient() {
    return newBuilder().build();
  }

  /** {@return a builder, which may be used for several clients but by one thread at a time} */
  public static HawserClient.Builder newBuilder() {
    return new ClientBuilder();
  }
}
