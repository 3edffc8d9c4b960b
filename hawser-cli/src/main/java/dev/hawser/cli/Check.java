package dev.hawser.cli;

import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What {@code hawser doctor} found about one thing.
 *
 * @param id what was looked at, such as {@code tls.chain}
 * @param status how it is
 * @param found what was found
 * @param why why that matters, or what it comes from; empty where all is well
 * @param fix what to do; empty where all is well
 */
record Check(String id, Status status, String found, String why, String fix) {
  /** How it is. */
  enum Status {
    OK(Console.Style.GREEN),
    /** Works now, and may not at another time. */
    WARN(Console.Style.YELLOW),
    FAIL(Console.Style.RED),
    /** Could not be looked at, or does not apply. */
    SKIP(Console.Style.FAINT);

    private final Console.Style style;

    Status(Console.Style style) {
      this.style = style;
    }

    Console.Style style() {
      return style;
    }

    String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  static Check ok(String id, String found) {
    return new Check(id, Status.OK, found, "", "");
  }

  static Check skip(String id, String found) {
    return new Check(id, Status.SKIP, found, "", "");
  }

  static Check warn(String id, String found, String why, String fix) {
    return new Check(id, Status.WARN, found, why, fix);
  }

  static Check fail(String id, String found, String why, String fix) {
    return new Check(id, Status.FAIL, found, why, fix);
  }

  Map<String, @Nullable Object> toJson() {
    return Json.object("id", id, "status", status.text(), "found", found, "why", why, "fix", fix);
  }
}
