package dev.hawser.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TargetUrlTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://localhost",
        "HTTPS://Example.ORG:8443/a/b?c=d#e",
        "http://[::1]:8080/",
        "http://127.0.0.1/%20",
        "http://u:p@localhost/"
      })
  void takesUrls(String text) {
    assertThat(TargetUrl.parse(text)).isEqualTo(URI.create(text));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "localhost            | do you mean http://localhost ?",
        "localhost:8080/x     | do you mean http://localhost:8080/x ?",
        "//example.org/x      | do you mean http://example.org/x ?",
        "example.org/a b      | does not begin with http://",
        "http:/example.org/   | do you mean http://example.org/ ?",
        "http:example.org     | do you mean http://example.org ?",
        "https//example.org   | do you mean https://example.org ?",
        "http://a/b c         | do you mean http://a/b%20c ?",
        "http://a/ä?{x}       | do you mean http://a/%C3%A4?%7Bx%7D ?",
        "http://a b/          | is no URL",
        "http://bücher.example/x | do you mean http://xn--bcher-kva.example/x ?",
        "http://my_host/      | invalid host or port: my_host",
        "http://a:port/       | invalid host or port: a:port",
        "http:///x            | has no host",
        "http://              | is no URL",
        "http://a:99999/      | port out of range",
        "ftp://a/             | ftp is not spoken",
        "ws://a/              | ws is not spoken",
        "``                   | the URL is empty"
      })
  void explainsWhatIsWrong(String text, String explanation) {
    assertThatThrownBy(() -> TargetUrl.parse(text))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining(explanation);
  }
}
