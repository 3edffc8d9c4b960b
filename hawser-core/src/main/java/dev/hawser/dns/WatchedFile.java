package dev.hawser.dns;

import dev.hawser.io.FileVersion;
import dev.hawser.io.Ticker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a file says, read again when it has changed. Looked at when asked, and once a second at
 * most.
 */
final class WatchedFile<T> {
  private static final System.Logger LOG = System.getLogger("dev.hawser.dns");
  private static final long PERIOD = 1_000_000_000;
  private static final int MAX_BYTES = 16 * 1024 * 1024;

  /** Of the content, and when it was looked at. */
  private record Look<T>(@Nullable FileVersion version, T content, long at) {}

  private final Path path;
  private final Function<String, T> parser;
  private final T absent;
  private final Ticker ticker;
  private volatile @Nullable Look<T> last; // written under this object's monitor

  WatchedFile(Path path, Function<String, T> parser, T absent, Ticker ticker) {
    this.path = path;
    this.parser = parser;
    this.absent = absent;
    this.ticker = ticker;
  }

  /** What the file says now, or said within the last second. */
  T content() {
    Look<T> look = last;
    return look != null && ticker.nanos() - look.at() < PERIOD ? look.content() : lookAgain();
  }

  private synchronized T lookAgain() {
    long now = ticker.nanos();
    Look<T> before = last;
    if (before != null && now - before.at() < PERIOD) {
      return before.content();
    }
    FileVersion version = FileVersion.of(path);
    T content =
        before != null && Objects.equals(version, before.version())
            ? before.content()
            : version == null ? absent : read(before == null ? absent : before.content());
    last = new Look<>(version, content, now);
    return content;
  }

  /** A file that cannot be read leaves what it said before. */
  private T read(T before) {
    try (var in = Files.newInputStream(path)) {
      return parser.apply(new String(in.readNBytes(MAX_BYTES), StandardCharsets.ISO_8859_1));
    } catch (NoSuchFileException e) {
      return absent;
    } catch (IOException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "{0} cannot be read, and is done without: {1}",
          path,
          e.toString());
      return before;
    }
  }
}
