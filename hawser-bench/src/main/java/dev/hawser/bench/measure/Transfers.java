package dev.hawser.bench.measure;

import dev.hawser.bench.peer.Peer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Large bodies one after the other, whole ones only, so that no window cuts a transfer in two. */
final class Transfers {
  private final Peer peer;
  private final URI uri;
  private final Path file;
  private final boolean upload;
  private final long size;

  Transfers(Peer peer, URI uri, Path file, boolean upload) throws IOException {
    this.peer = peer;
    this.uri = uri;
    this.file = file;
    this.upload = upload;
    this.size = Files.size(file);
  }

  /** Repeats until the time is over and returns how many there were. */
  long repeat(Duration time, Histogram durations) throws Exception {
    long end = System.nanoTime() + time.toNanos();
    long count = 0;
    for (long now = System.nanoTime(); now < end; count++) {
      once();
      long then = System.nanoTime();
      durations.record(then - now);
      now = then;
    }
    return count;
  }

  private void once() throws Exception {
    if (upload) {
      int status = peer.upload(uri, file);
      if (status / 100 != 2) {
        throw new IOException("status " + status);
      }
    } else {
      long got = peer.download(uri);
      if (got != size) {
        throw new IOException("got " + got + " bytes of " + size);
      }
    }
  }
}
