package dev.hawser.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpClient.Version;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BodyPreviewTest {
  private static String preview(Map<String, String> headers, byte[] body) throws Exception {
    var lists = new HashMap<String, List<String>>();
    headers.forEach((name, value) -> lists.put(name, List.of(value)));
    var preview = new BodyPreview();
    var head = new Exchange.Head(200, Version.HTTP_1_1, HttpHeaders.of(lists, (n, v) -> true));
    try (var out = preview.open(head)) {
      out.write(body, 0, body.length);
    }
    return preview.text();
  }

  private static String preview(String type, String body) throws Exception {
    return preview(Map.of("content-type", type), body.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void showsText() throws Exception {
    assertThat(preview("text/html", "<p>\nü")).isEqualTo("<p>\nü\n");
    assertThat(preview("application/problem+json", "{}")).isEqualTo("{}\n");
    assertThat(preview(Map.of(), "no type".getBytes(StandardCharsets.UTF_8)))
        .isEqualTo("no type\n");
    assertThat(preview("text/plain", "")).isEmpty();
  }

  @Test
  void readsTheCharset() throws Exception {
    byte[] latin = "für".getBytes(StandardCharsets.ISO_8859_1);
    assertThat(preview(Map.of("content-type", "text/plain; charset=iso-8859-1"), latin))
        .isEqualTo("für\n");
    assertThat(preview("text/plain; charset=no-such", "x")).isEqualTo("x\n");
  }

  @Test
  void showsNoBinary() throws Exception {
    assertThat(preview("image/png", "x")).isEmpty();
    assertThat(preview("text/plain", "a\0b")).isEmpty();
    assertThat(
            preview(Map.of("content-encoding", "gzip", "content-type", "text/plain"), new byte[9]))
        .contains("encoded with gzip");
  }

  @Test
  void cutsLinesAndTheirNumber() throws Exception {
    assertThat(preview("text/plain", "x\n".repeat(9)))
        .isEqualTo("x\n".repeat(8) + "(--body shows all)\n");
    assertThat(preview("text/plain", "y".repeat(20_000)))
        .isEqualTo("y".repeat(160) + "...\n(--body shows all)\n");
  }
}
