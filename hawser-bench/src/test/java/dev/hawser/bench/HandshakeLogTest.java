package dev.hawser.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is read of nginx' log. */
class HandshakeLogTest {
  @TempDir Path folder;

  @Test
  void onlyTheOwnPortIsCountedAndALineOnceItIsWhole() throws Exception {
    Path file = Files.writeString(folder.resolve("log"), "4433 .\n4433 r\n4434 r\n44");
    var log = new HandshakeLog(file, 4433);

    HandshakeLog.Counts first = log.read();
    assertThat(first).isEqualTo(new HandshakeLog.Counts(1, 1));

    Files.writeString(file, "33 r\n4433 r\n", StandardOpenOption.APPEND);
    HandshakeLog.Counts later = log.read().since(first);
    assertThat(later).isEqualTo(new HandshakeLog.Counts(0, 2));
    assertThat(later.share()).isEqualTo(1);
  }
}
