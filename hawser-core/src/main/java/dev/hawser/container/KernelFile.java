package dev.hawser.container;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** One of the small files in which the kernel tells figures. What is not there is empty. */
record KernelFile(Path path) {
  /** None if there is no such file, or it is not for us to read. */
  List<String> lines() {
    try {
      return Files.readAllLines(path, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return List.of();
    }
  }

  /** What a file of one number says. */
  Optional<Long> number() {
    return lines().stream().findFirst().flatMap(KernelFile::parse);
  }

  /** What a file whose lines are a name and a number says of {@code name}. */
  Optional<Long> number(String name) {
    return lines().stream()
        .filter(line -> line.startsWith(name + " "))
        .findFirst()
        .flatMap(line -> parse(line.substring(name.length() + 1)));
  }

  /** Counts and times; what is negative means "none" in such files, and so does {@code max}. */
  static Optional<Long> parse(String text) {
    try {
      return Optional.of(Long.parseLong(text.strip())).filter(number -> number >= 0);
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }
}
