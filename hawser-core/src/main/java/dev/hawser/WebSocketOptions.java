package dev.hawser;

import java.time.Duration;

/**
 * The rules of WebSockets, beside those of {@link java.net.http.WebSocket}. The opening handshake
 * keeps to the deadlines of {@link DnsOptions}, {@link TcpOptions}, {@link TlsOptions} and {@link
 * ExchangeOptions#headTimeout()}.
 *
 * {@snippet class="dev.hawser.examples.Options" region="websocket"}
 *
 * @param compression whether to offer permessage-deflate (RFC 7692). Off, as with the JDK's client:
 *     it costs CPU and up to 300 KiB a connection, and what is secret must not be compressed
 *     together with what an attacker chooses
 * @param contextTakeover whether compression may refer to earlier messages: smaller, but both sides
 *     keep 32 KiB and more for each direction while the connection is open
 * @param maxFrame bytes of payload of one frame; more ends the connection with 1009. No limit: a
 *     large frame is delivered in parts, and none is collected here
 * @param maxMessage bytes of one message, after decompression; more ends the connection with 1009.
 *     No limit, for the same reason: set it where the listener collects parts
 * @param maxInflated bytes that one compressed message may decompress to; more ends the connection
 *     with 1009. A kilobyte can become a megabyte, so this limit is there by default
 * @param sendTimeout how long the peer may accept nothing of what is sent, until the connection is
 *     given up
 * @param closeTimeout how long nothing may come after our Close message, until the connection is
 *     given up without the server's
 * @param idleTimeout how long nothing at all may come while the listener asks for more, until the
 *     connection is given up; zero for no limit, the default, since a quiet server is no fault. A
 *     client that pings more often than this notices a peer that has vanished
 */
public record WebSocketOptions(
    boolean compression,
    boolean contextTakeover,
    long maxFrame,
    long maxMessage,
    long maxInflated,
    Duration sendTimeout,
    Duration closeTimeout,
    Duration idleTimeout) {
  /** The defaults; the reason for each is in the record's Javadoc. */
  public static final WebSocketOptions DEFAULTS =
      new WebSocketOptions(
          false,
          true,
          Long.MAX_VALUE,
          Long.MAX_VALUE,
          64L * 1024 * 1024,
          Duration.ofMinutes(1),
          Duration.ofSeconds(30),
          Duration.ZERO);

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if one is out of its range; the message names it
   */
  public WebSocketOptions {
    Checks.atLeast("webSocket.maxFrame", maxFrame, 125);
    Checks.atLeast("webSocket.maxMessage", maxMessage, 1);
    Checks.atLeast("webSocket.maxInflated", maxInflated, 1);
    Checks.positive("webSocket.sendTimeout", sendTimeout);
    Checks.positive("webSocket.closeTimeout", closeTimeout);
    Checks.notNegative("webSocket.idleTimeout", idleTimeout);
  }

  /**
   * {@return these options with another {@link #compression()}}
   *
   * @param compression the new value
   */
  public WebSocketOptions compression(boolean compression) {
    return new WebSocketOptions(
        compression,
        contextTakeover,
        maxFrame,
        maxMessage,
        maxInflated,
        sendTimeout,
        closeTimeout,
        idleTimeout);
  }

  /**
   * {@return these options with another {@link #contextTakeover()}}
   *
   * @param contextTakeover the new value
   */
  public WebSocketOptions contextTakeover(boolean contextTakeover) {
    return new WebSocketOptions(
        compression,
        contextTakeover,
        maxFrame,
        maxMessage,
        maxInflated,
        sendTimeout,
        closeTimeout,
        idleTimeout);
  }

  /**
   * {@return these options with another {@link #maxFrame()}}
   *
   * @param maxFrame the new value
   */
  public WebSocketOptions maxFrame(long maxFrame) {
    return new WebSocketOptions(
        compression,
        contextTakeover,
        maxFrame,
        maxMessage,
        maxInflated,
        sendTimeout,
        closeTimeout,
        idleTimeout);
  }

  /**
   * {@return these options with another {@link #maxMessage()}}
   *
   * @param maxMessage the new value
   */
  public WebSocketOptions maxMessage(long maxMessage) {
    return new WebSocketOptions(
        compression,
        contextTakeover,
        maxFrame,
        maxMessage,
        maxInflated,
        sendTimeout,
        closeTimeout,
        idleTimeout);
  }

  /**
   * {@return these options with another {@link #maxInflated()}}
   *
   * @param maxInflated the new value
   */
  public WebSocketOptions maxInflated(long maxInflated) {
    return new WebSocketOptions(
        compression,
        contextTakeover,
        maxFrame,
        maxMessage,
        maxInflated,
        sendTimeout,
        closeTimeout,
        idleTimeout);
  }

  /**
   * {@return these options with another {@link #sendTimeout()}}
   *
   * @param sendTimeout the new value
   */
  public WebSocketOptions sendTimeout(Duration sendTimeout) {
    return new WebSocketOptions(
        compression,
        contextTakeover,
        maxFrame,
        maxMessage,
        maxInflated,
        sendTimeout,
        closeTimeout,
        idleTimeout);
  }

  /**
   * {@return these options with another {@link #closeTimeout()}}
   *
   * @param closeTimeout the new value
   */
  public WebSocketOptions closeTimeout(Duration closeTimeout) {
    return new WebSocketOptions(
        compression,
        contextTakeover,
        maxFrame,
        maxMessage,
        maxInflated,
        sendTimeout,
        closeTimeout,
        idleTimeout);
  }

  /**
   * {@return these options with another {@link #idleTimeout()}}
   *
   * @param idleTimeout the new value
   */
  public WebSocketOptions idleTimeout(Duration idleTimeout) {
    return new WebSocketOptions(
        compression,
        contextTakeover,
        maxFrame,
        maxMessage,
        maxInflated,
        sendTimeout,
        closeTimeout,
        idleTimeout);
  }
}
