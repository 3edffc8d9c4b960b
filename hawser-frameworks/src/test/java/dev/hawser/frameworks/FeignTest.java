package dev.hawser.frameworks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import feign.Feign;
import feign.FeignException;
import feign.Headers;
import feign.Param;
import feign.Request;
import feign.RequestLine;
import feign.Response;
import feign.RetryableException;
import feign.Retryer;
import feign.http2client.Http2Client;
import java.io.InputStream;
import java.net.http.HttpTimeoutException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Feign, by its own adapter for the JDK's client. */
class FeignTest extends WithHawser {
  interface Api {
    @RequestLine("GET /bytes/{count}")
    String bytes(@Param("count") int count);

    @RequestLine("POST /echo")
    @Headers("Content-Type: application/json")
    String echo(String body);

    @RequestLine("GET /chunked/100000")
    Response stream();

    @RequestLine("GET /status/{code}")
    String status(@Param("code") int code);

    @RequestLine("GET /delay/30000")
    String slow(Request.Options options);
  }

  @Test
  void feign() throws Exception {
    Api api =
        Feign.builder()
            .client(new Http2Client(hawser))
            .retryer(Retryer.NEVER_RETRY)
            .target(Api.class, origin.uri("").toString());

    assertThat(api.bytes(100_000)).hasSize(100_000);
    assertThat(api.echo(JSON)).isEqualTo(JSON);
    try (Response response = api.stream();
        InputStream body = response.body().asInputStream()) {
      assertThat(body.readAllBytes()).hasSize(100_000);
    }
    assertThatThrownBy(() -> api.status(404)).isInstanceOf(FeignException.NotFound.class);
    var hasty = new Request.Options(10, TimeUnit.SECONDS, 200, TimeUnit.MILLISECONDS, true);
    assertThatThrownBy(() -> api.slow(hasty))
        .isInstanceOf(RetryableException.class)
        .hasCauseInstanceOf(HttpTimeoutException.class);
  }
}
