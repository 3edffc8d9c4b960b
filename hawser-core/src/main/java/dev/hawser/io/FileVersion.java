package dev.hawser.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import org.jspecify.annotations.Nullable;

/**
 * What changes when a file does, also by a symbolic link on the way to it. A look is one stat(2); a
 * watch service would need a thread and miss a replaced link.
 */
public record FileVersion(FileTime modified, long size, @Nullable Object key) {
  /** Returns null if there is no such file, or it cannot be seen. */
  public static @Nullable FileVersion of(Path path) {
    try {
      var attributes = Files.readAttributes(path, BasicFileAttributes.class);
      return new FileVersion(
          attributes.lastModifiedTime(), attributes.size(), attributes.fileKey());
    } catch (IOException e) {
      return null;
    }
  }
}
