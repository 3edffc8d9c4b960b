package dev.hawser.tls;

import dev.hawser.io.Buffers;
import dev.hawser.io.PlainTransport;
import dev.hawser.io.StageFailure;
import dev.hawser.io.Transport;
import dev.hawser.io.Watchdog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * A connection with TLS by an {@link SSLEngine}: first its {@link Negotiation}, then data in {@link
 * Records}.
 */
public final class TlsTransport extends Transport {
  private static final int READS_A_LOOK = 8;

  private final Records records;
  private final Negotiation negotiation;

  /**
   * Makes a transport whose handshake has not begun.
   *
   * @param ticketCame is told of records after the handshake that carry no data: session tickets
   *     (TLS 1.3), and rarely something else
   */
  public TlsTransport(
      SocketChannel channel,
      Watchdog watchdog,
      Buffers buffers,
      SSLEngine engine,
      Handshake handshake,
      Runnable ticketCame)
      throws IOException {
    super(channel, watchdog, buffers);
    this.records = new Records(this, channel, engine, handshake, buffers, ticketCame);
    this.negotiation = new Negotiation(engine, records, handshake);
  }

  /** Does the whole handshake. */
  public SSLSession handshake() throws IOException {
    return negotiation.run(this);
  }

  /** What is known of the handshake. */
  Negotiation negotiation() {
    return negotiation;
  }

  /**
   * {@inheritDoc} In TLS 1.3 a server looks at the client's certificate when the client is done
   * with the handshake.
   */
  @Override
  public @Nullable StageFailure explain(IOException e) {
    IOException why = records.fault() instanceof Records.RenegotiationException fault ? fault : e;
    return Alerts.afterHandshake(why, negotiation.identified());
  }

  /** The bytes that came instead of a TLS record; for the explanation of a failed handshake. */
  public byte[] receivedSoFar() {
    ByteBuffer received = records.receivedLeft();
    if (received == null) {
      return new byte[0];
    }
    byte[] copy = new byte[received.remaining()];
    received.duplicate().get(copy);
    return copy;
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    while (true) {
      ByteBuffer left = records.plaintextLeft();
      if (left != null) {
        int count = Math.min(left.remaining(), target.remaining());
        target.put(left.slice(left.position(), count));
        left.position(left.position() + count);
        return count;
      }
      int count = records.unwrap(target);
      if (count != 0) {
        return count < 0 ? count : count + records.unwrapReceived(target);
      }
    }
  }

  @Override
  public void write(ByteBuffer source) throws IOException {
    if (source.hasRemaining()) {
      records.wrap(source);
    }
  }

  @Override
  public void write(ByteBuffer[] sources) throws IOException {
    records.wrap(sources);
  }

  @Override
  public boolean pending() {
    return records.leftovers() != Liveness.ALIVE;
  }

  /**
   * Session tickets may come at any time on an idle connection; only application data is
   * unsolicited.
   */
  @Override
  public Liveness probe() {
    try {
      for (int reads = 0; reads < READS_A_LOOK; reads++) {
        Liveness left = records.leftovers();
        if (left != Liveness.ALIVE) {
          return left;
        }
        ByteBuffer received = records.received();
        received.compact();
        Liveness found = PlainTransport.probe(channel, received);
        received.flip();
        if (found != Liveness.UNSOLICITED) {
          return found;
        }
      }
      return Liveness.CLOSED; // an idle peer that never stops sending is no peer to keep
    } catch (Buffers.BudgetExceededException e) {
      return Liveness.ALIVE; // no memory to look with
    } catch (IOException e) {
      return Liveness.CLOSED;
    }
  }

  @Override
  public boolean endedCleanly() {
    return records.closeNotify();
  }

  @Override
  public void releaseBuffers() {
    super.releaseBuffers();
    records.release();
  }
}
