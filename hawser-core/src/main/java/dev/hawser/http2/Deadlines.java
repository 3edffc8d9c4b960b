package dev.hawser.http2;

import dev.hawser.Http2Options;
import dev.hawser.io.Ticker;
import dev.hawser.io.Transport;
import dev.hawser.io.Watchdog;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What ends in time on a connection: its streams, whose deadlines are looked through when the
 * watchdog asks, so that a request costs no timer; the acknowledgement of our settings; and a peer
 * that is silent while a response is awaited. That one is asked for a sign of life by a PING, and
 * when none comes the socket is closed, by the watchdog and whatever the writer is stuck in.
 */
final class Deadlines implements Watchdog.Guarded {
  /** The payload of a PING that only wants an answer. */
  static final long SIGN_OF_LIFE = 0x4861_7773_6572_0001L;

  private final Http2Connection connection;
  private final Transport transport;
  private final Watchdog watchdog;
  private final Ticker ticker;
  private final long pingInterval;
  private final long pingTimeout;

  // Guarded by the connection's lock.
  private long settingsDue = Ticker.NEVER;
  private int settingsUnknown; // frames of ours that the peer has not acknowledged
  private long quietSince;
  private boolean asked; // for a sign of life
  private boolean ended;

  Deadlines(
      Http2Connection connection,
      Transport transport,
      Watchdog watchdog,
      Http2Options options,
      Ticker ticker) {
    this.connection = connection;
    this.transport = transport;
    this.watchdog = watchdog;
    this.ticker = ticker;
    this.pingInterval = options.pingInterval().toNanos();
    this.pingTimeout = options.pingTimeout().toNanos();
  }

  /** Under the lock: our settings are on their way. */
  void start() {
    quietSince = ticker.nanos();
    watchdog.add(this);
    settingsSent();
  }

  /** Under the lock: some more are. */
  void settingsSent() {
    settingsUnknown++;
    settingsDue = Ticker.after(ticker.nanos(), pingTimeout);
    watchdog.noticed(settingsDue);
  }

  /** The peer knows those that were sent first. */
  void acknowledged() {
    synchronized (connection.lock) {
      settingsUnknown = Math.max(0, settingsUnknown - 1);
      if (settingsUnknown == 0) {
        settingsDue = Ticker.NEVER;
      }
    }
  }

  /** Under the lock: the first stream opens, and silence counts from now on. */
  void busy() {
    quietSince = ticker.nanos();
    watchdog.noticed(Ticker.after(quietSince, pingInterval));
  }

  /** Bytes have come. */
  void received(long now) {
    synchronized (connection.lock) {
      quietSince = now;
      if (asked && !ended) {
        asked = false;
        transport.deadline(Ticker.NEVER);
      }
    }
  }

  /** The connection has ended, and all its streams. */
  void end() {
    synchronized (connection.lock) {
      ended = true;
    }
    watchdog.remove(this);
  }

  @Override
  public long deadline() {
    synchronized (connection.lock) {
      if (ended) {
        return Ticker.NEVER;
      }
      long[] earliest = {settingsDue};
      if (connection.streams().table.size() > 0) {
        if (!asked) {
          earliest[0] = Math.min(earliest[0], Ticker.after(quietSince, pingInterval));
        }
        connection
            .streams()
            .table
            .forEach(stream -> earliest[0] = Math.min(earliest[0], stream.deadline()));
      }
      return earliest[0];
    }
  }

  @Override
  public void expire(long deadline) {
    long now = ticker.nanos();
    List<Http2Stream> due = new ArrayList<>();
    boolean deaf;
    synchronized (connection.lock) {
      deaf = settingsDue <= now && !ended;
      connection
          .streams()
          .table
          .forEach(
              stream -> {
                if (stream.deadline() <= now) {
                  due.add(stream);
                }
              });
      askIfQuiet(now);
    }
    if (deaf) {
      connection.fail(
          ErrorCode.SETTINGS_TIMEOUT,
          "no acknowledgement of our SETTINGS within " + pingTimeout / 1_000_000 + " ms");
      return;
    }
    connection.flush();
    for (Http2Stream stream : due) {
      if (stream.expire(now)) {
        connection.streams().reset(stream, ErrorCode.CANCEL);
      }
    }
  }

  /** Under the lock. */
  private void askIfQuiet(long now) {
    boolean quiet =
        connection.streams().table.size() > 0 && Ticker.after(quietSince, pingInterval) <= now;
    if (quiet && !asked && !ended) {
      asked = true;
      connection.out.ping(SIGN_OF_LIFE, false);
      transport.deadline(Ticker.after(now, pingTimeout));
    }
  }

  /** Why the transport has ended. */
  String explain(IOException cause) {
    if (transport.expired()) {
      return "no sign of life from the server, and no answer to a PING within "
          + pingTimeout / 1_000_000
          + " ms";
    }
    return cause instanceof EOFException
        ? "the server closed the connection"
        : "the connection was lost: " + cause.getMessage();
  }
}
