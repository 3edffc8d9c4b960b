package dev.hawser.interop;

import dev.hawser.TlsFile;
import dev.hawser.faults.TestAuthority;
import dev.hawser.faults.TestIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a server needs: a folder for its configuration, in it the files of its identity, and for one
 * that serves files those of {@code www/bytes}, named by their size.
 */
record Site(Path dir, TestIdentity identity) {
  /** The least, those around an HTTP/2 frame and a buffer of ours, and what fills every window. */
  static final long[] SIZES = {0, 1, 16_383, 16_384, 16_385, 1_000_000, 100_000_000};

  static final long GIGABYTE = 1_000_000_000;

  private static final TestAuthority ROOT = TestAuthority.create();

  static Site in(Path dir) throws IOException {
    TestIdentity identity = ROOT.localhost();
    identity.writePem(dir);
    Files.writeString(
        dir.resolve("both.pem"),
        Files.readString(dir.resolve("chain.pem")) + Files.readString(dir.resolve("key.pem")));
    readable(dir);
    return new Site(dir, identity);
  }

  /** For those who run as another user than their configuration's. */
  private static void readable(Path folder) {
    folder.toFile().setReadable(true, false);
    folder.toFile().setExecutable(true, false);
  }

  Site withFiles() throws IOException {
    Path www = Files.createDirectory(dir.resolve("www"));
    Path bytes = Files.createDirectory(www.resolve("bytes"));
    readable(www);
    readable(bytes);
    for (long size : SIZES) {
      Content.write(bytes.resolve(Long.toString(size)), size);
    }
    Content.write(bytes.resolve(Long.toString(GIGABYTE)), GIGABYTE);
    Content.write(www.resolve("trailers"), 1_000);
    return this;
  }

  TlsFile root() {
    return TlsFile.of(dir.resolve("root.pem"));
  }
}
