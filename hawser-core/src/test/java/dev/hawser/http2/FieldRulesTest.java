package dev.hawser.http2;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is a response's field section (RFC 9113 8.2, 8.3), and what is not. */
class FieldRulesTest {
  private final FieldRules rules = new FieldRules();

  /** Fields as {@code name=value}, with a semicolon between them; ~ is CR, ^ LF, @ NUL, _ a tab. */
  private @Nullable String read(String fields, boolean trailers) {
    rules.begin(trailers);
    for (String field : fields.split(";", -1)) {
      String[] parts = field.split("=", 2);
      String value =
          parts[1].replace('~', '\r').replace('^', '\n').replace('@', '\0').replace('_', '\t');
      rules.field(parts[0], value, false);
    }
    return rules.fault();
  }

  @Test
  void statusAndFields() {
    assertThat(read(":status=404;content-length=5;x-a=b c;set-cookie=1;x-a=d;set-cookie=2", false))
        .isNull();
    FieldSection section = rules.section();

    assertThat(section.status()).isEqualTo(404);
    assertThat(section.contentLength()).isEqualTo(5);
    assertThat(section.headers().map())
        .isEqualTo(
            Map.of(
                "content-length", List.of("5"),
                "x-a", List.of("b c", "d"),
                "set-cookie", List.of("1", "2")));
    assertThat(section.headers().firstValue("X-A")).contains("b c");
  }

  @Test
  void trailers() {
    assertThat(read("grpc-status=0", true)).isNull();
    assertThat(rules.section().status()).isZero();
    assertThat(rules.section().headers().firstValue("grpc-status")).contains("0");
    assertThat(read("grpc-status=0;:status=200", true)).contains(":status in trailers");
  }

  @Test
  void aSectionLeavesNothingBehind() {
    assertThat(read(":status=200;content-length=5;X=y", false)).isNotNull();
    assertThat(read(":status=204", false)).isNull();
    assertThat(rules.section().contentLength()).isEqualTo(FieldSection.NO_LENGTH);
    assertThat(rules.section().headers().map()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ":status=100",
        ":status=999",
        ":status=200;x-empty=",
        ":status=200;te=trailers",
        ":status=200;content-length=7;content-length=7",
        ":status=200;x-a=a \u00e9\u00ff_b",
        ":status=200;!#$%&'*+-.^_`|~0z=odd, but a token",
      })
  void accepts(String fields) {
    assertThat(read(fields, false)).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '\u00a7',
      value = {
        "x-a=b                              \u00a7 without :status",
        ":status=200;:status=200            \u00a7 :status twice",
        ":status=200;x-a=b;:status=200      \u00a7 after another",
        "x-a=b;:status=200                  \u00a7 after another",
        ":status=200;:path=/                \u00a7 :path, which responses",
        ":status=200;:protocol=websocket    \u00a7 :protocol, which responses",
        ":status=200;:=b                    \u00a7 pseudo-header :",
        ":Status=200                        \u00a7 :Status",
        ":status=                           \u00a7 :status \"\"",
        ":status=20                         \u00a7 :status \"20\"",
        ":status=2000                       \u00a7 :status \"2000\"",
        ":status=099                        \u00a7 :status \"099\"",
        ":status=2 0                        \u00a7 :status \"2 0\"",
        ":status=101                        \u00a7 101",
        ":status=200;X-a=b                  \u00a7 upper case: X-a",
        ":status=200;=b                     \u00a7 without a name",
        ":status=200;x a=b                  \u00a7 no header name",
        ":status=200;x:a=b                  \u00a7 no header name",
        ":status=200;x\u00e9=b              \u00a7 no header name",
        ":status=200;connection=close       \u00a7 connection",
        ":status=200;keep-alive=timeout     \u00a7 keep-alive",
        ":status=200;proxy-connection=close \u00a7 proxy-connection",
        ":status=200;transfer-encoding=chunked \u00a7 transfer-encoding",
        ":status=200;upgrade=h2c            \u00a7 upgrade",
        ":status=200;te=gzip                \u00a7 te",
        ":status=200;x-a=b~c                \u00a7 a line end",
        ":status=200;x-a=b^c                \u00a7 a line end",
        ":status=200;server=b@              \u00a7 a line end or a NUL",
        ":status=200;x-a= b                 \u00a7 white space",
        ":status=200;x-a=b_                 \u00a7 white space",
        ":status=200;x-a=_                  \u00a7 white space",
        ":status=200;content-length=-1      \u00a7 not one number",
        ":status=200;content-length=        \u00a7 not one number",
        ":status=200;content-length=1,1     \u00a7 not one number",
        ":status=200;content-length=9999999999999999999 \u00a7 not one number",
        ":status=200;content-length=1;content-length=2 \u00a7 different values",
      })
  void refuses(String fields, String why) {
    assertThat(read(fields, false)).contains(why);
    // A later field makes nothing good.
    rules.field("x-late", "fine", false);
    assertThat(rules.fault()).isNotNull();
  }
}
