package dev.hawser.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A whole body, to a file or to standard output as it is. */
final class BodyOutput implements Reception.Destination {
  private static final long SHOW_EVERY_NANOS = 200_000_000;

  private final Console console;
  private final @Nullable Path file; // null for standard output
  private final Progress progress;
  private long length = -1;
  private long shownAt = System.nanoTime();

  BodyOutput(Console console, @Nullable Path file, Progress progress) {
    this.console = console;
    this.file = file;
    this.progress = progress;
  }

  /** Fails where a file could not be written, before anything is sent. */
  static void check(Path file) {
    Path folder = file.toAbsolutePath().getParent();
    if (Files.isDirectory(file) || folder == null || !Files.isDirectory(folder)) {
      throw new UsageException("--output: cannot write " + file + ": a folder, or in none");
    }
    if (!Files.isWritable(Files.exists(file) ? file : folder)) {
      throw new UsageException("--output: may not write " + file);
    }
  }

  @Override
  public OutputStream open(Exchange.Head head) throws IOException {
    length = head.headers().firstValueAsLong("content-length").orElse(-1);
    return file == null ? new StandardOutput(console.out()) : Files.newOutputStream(file);
  }

  @Override
  public void received(long bytes) {
    long now = System.nanoTime();
    if (file != null && progress.wanted() && now - shownAt > SHOW_EVERY_NANOS) {
      shownAt = now;
      String of =
          length > 0
              ? String.format(
                  Locale.ROOT, " of %s (%d %%)", Sizes.text(length), bytes * 100 / length)
              : "";
      progress.show(Sizes.text(bytes) + of);
    }
  }

  /** Says when nobody reads any more, and stays open. */
  private static final class StandardOutput extends OutputStream {
    private final PrintStream out;

    StandardOutput(PrintStream out) {
      this.out = out;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int count) throws IOException {
      out.write(bytes, from, count);
      if (out.checkError()) {
        throw new IOException("standard output was closed");
      }
    }
  }
}
