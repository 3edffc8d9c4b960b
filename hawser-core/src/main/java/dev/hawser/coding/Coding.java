package dev.hawser.coding;

import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.zip.Deflater;
import java.util.zip.GZIPInputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;

/** A content coding. Those that the JDK lacks are there if their library is. */
enum Coding {
  GZIP(null),
  DEFLATE(null),
  BR("org.brotli.dec.BrotliInputStream"),
  ZSTD("io.airlift.compress.v3.zstd.ZstdInputStream");

  /** What a request says that does not say it itself. */
  static final String ACCEPTED =
      Arrays.stream(values())
          .filter(Coding::isThere)
          .map(coding -> coding.name().toLowerCase(Locale.ROOT))
          .collect(Collectors.joining(", "));

  private final @Nullable MethodHandle library; // null: the JDK's, or it is not there
  private final boolean there;

  Coding(@Nullable String library) {
    this.library = library == null ? null : find(library);
    this.there = library == null || this.library != null;
  }

  /** By reflection: neither library is a module that ours could name. */
  private static @Nullable MethodHandle find(String library) {
    try {
      return MethodHandles.publicLookup()
          .findConstructor(
              Class.forName(library), MethodType.methodType(void.class, InputStream.class))
          .asType(MethodType.methodType(InputStream.class, InputStream.class));
    } catch (ReflectiveOperationException | LinkageError e) {
      return null;
    }
  }

  boolean isThere() {
    return there;
  }

  /** The coding of this name; null: none that can be undone. */
  static @Nullable Coding named(String name) {
    Coding coding =
        switch (name.toLowerCase(Locale.ROOT)) {
          case "gzip", "x-gzip" -> GZIP;
          case "deflate" -> DEFLATE;
          case "br" -> BR;
          case "zstd" -> ZSTD;
          default -> null;
        };
    return coding == null || coding.there ? coding : null;
  }

  /** What was encoded. Reads from the source already. */
  InputStream decoder(InputStream encoded) throws IOException {
    return switch (this) {
      case GZIP -> new GZIPInputStream(encoded, BUFFER);
      case DEFLATE -> inflater(encoded);
      case BR, ZSTD -> ofLibrary(encoded);
    };
  }

  private static final int BUFFER = 8 * 1024;

  /** RFC 9110 8.4.1.2 says zlib, and notes that some send it without its wrapping. */
  private static InputStream inflater(InputStream encoded) throws IOException {
    var source = new PushbackInputStream(encoded, 2);
    byte[] start = source.readNBytes(2);
    source.unread(start);
    boolean zlib =
        start.length == 2
            && (start[0] & 0x0f) == Deflater.DEFLATED
            && ((start[0] & 0xff) << 8 | start[1] & 0xff) % 31 == 0;
    return new InflaterInputStream(source, new Inflater(!zlib), BUFFER);
  }

  private InputStream ofLibrary(InputStream encoded) throws IOException {
    if (library == null) {
      throw new IllegalStateException(this + " is not there");
    }
    try {
      return (InputStream) library.invokeExact(encoded);
    } catch (IOException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IOException(e);
    }
  }
}
