package dev.hawser;

import dev.hawser.faults.Peer;
import dev.hawser.faults.TestIdentity;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;

/** A server's side of a handshake, up to where a script stops it. */
final class HalfHandshake {
  private HalfHandshake() {}

  /** Reads the ClientHello, and sends so many records of the answer or what there is of them. */
  static void answer(Peer peer, TestIdentity identity, String version, int records)
      throws IOException {
    SSLEngine engine = identity.serverContext().createSSLEngine();
    engine.setUseClientMode(false);
    engine.setEnabledProtocols(new String[] {version});
    byte[] header = peer.readExactly(5);
    byte[] hello =
        peer.readExactly(Byte.toUnsignedInt(header[3]) << 8 | Byte.toUnsignedInt(header[4]));
    ByteBuffer record =
        ByteBuffer.allocate(header.length + hello.length).put(header).put(hello).flip();
    engine.unwrap(record, ByteBuffer.allocate(engine.getSession().getApplicationBufferSize()));
    runTasks(engine);
    for (int i = 0; i < records && engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP; i++) {
      ByteBuffer out = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
      engine.wrap(ByteBuffer.allocate(0), out);
      peer.send(Arrays.copyOf(out.array(), out.position()));
      runTasks(engine);
    }
  }

  private static void runTasks(SSLEngine engine) {
    for (Runnable task = engine.getDelegatedTask();
        task != null;
        task = engine.getDelegatedTask()) {
      task.run();
    }
  }
}
