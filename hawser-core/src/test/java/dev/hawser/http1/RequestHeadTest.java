package dev.hawser.http1;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.Origin;
import dev.hawser.http1.RequestHead.Coding;
import dev.hawser.wire.Request;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestHeadTest {
  @ParameterizedTest
  @CsvSource({
    "http://a/, a",
    "http://a:80/, a",
    "https://a:443/, a",
    "https://a:80/, a:80",
    "http://a:443/, a:443",
    "http://a:1/, a:1",
    "http://a:10/, a:10",
    "http://a:8080/, a:8080",
    "http://a:10000/, a:10000",
    "http://a:65535/, a:65535",
    "http://[::1]:9/, [::1]:9",
  })
  void hostNamesThePortUnlessItIsTheSchemes(URI uri, String host) {
    var request =
        new Request("GET", uri, HttpHeaders.of(Map.of(), (n, v) -> true), Map.of(), null, false);

    RequestHead head = RequestHead.encode(new byte[8], Origin.of(uri), request, Coding.NO_BODY, 0);

    assertThat(new String(head.bytes(), 0, head.length(), StandardCharsets.US_ASCII))
        .startsWith("GET / HTTP/1.1\r\nHost: " + host + "\r\n");
  }
}
