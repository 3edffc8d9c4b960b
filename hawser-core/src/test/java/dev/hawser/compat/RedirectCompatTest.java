package dev.hawser.compat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Script;
import java.io.IOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link Redirect}'s policies, what follows from which answer, and cookies on the way. */
@OnBothClients
class RedirectCompatTest extends WithBothClients {
  @Override
  HttpClient.Builder builder() {
    return super.builder().followRedirects(Redirect.NORMAL);
  }

  private static String redirect(URI to, int code) {
    return "/redirect-to?code=%d&url=%s"
        .formatted(code, URLEncoder.encode(to.toString(), StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 303, 307, 308})
  void neverMeansNever(int code) throws Exception {
    try (HttpClient staying = builder().followRedirects(Redirect.NEVER).build()) {
      HttpResponse<String> response =
          staying.send(to("/redirect/1?code=" + code).build(), BodyHandlers.ofString());

      assertThat(response.statusCode()).isEqualTo(code);
      assertThat(response.headers().firstValue("Location")).contains("/");
      assertThat(response.previousResponse()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {300, 304, 305, 306, 309})
  void theOthersAreNotFollowed(int code) throws Exception {
    HttpResponse<String> response = get("/redirect-to?url=/&code=" + code);

    assertThat(response.statusCode()).isEqualTo(code);
  }

  @ParameterizedTest
  @CsvSource({
    "301,GET,GET",
    "302,GET,GET",
    "303,GET,GET",
    "307,GET,GET",
    "308,GET,GET",
    "301,POST,GET",
    "302,POST,GET",
    "303,POST,GET",
    "307,POST,POST",
    "308,POST,POST",
    "301,PUT,PUT",
    "302,PUT,PUT",
    "303,PUT,GET",
    "307,PUT,PUT",
    "308,PUT,PUT",
    "301,HEAD,HEAD",
    "302,HEAD,HEAD",
    "307,HEAD,HEAD",
    "308,HEAD,HEAD",
    "302,DELETE,DELETE",
    "303,DELETE,GET",
    "302,PATCH,PATCH",
    "303,PATCH,GET",
  })
  void theMethodThatFollows(int code, String method, String then) throws Exception {
    boolean withBody = !method.equals("GET") && !method.equals("HEAD");
    HttpResponse<String> response =
        send(
            to(redirect(origin().uri("/echo"), code))
                .method(
                    method,
                    withBody ? BodyPublishers.ofString("the body") : BodyPublishers.noBody()));

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.request().method()).isEqualTo(then);
    assertThat(response.body()).isEqualTo(withBody && then.equals(method) ? "the body" : "");
  }

  @Test
  void whatFollowsAHeadAfterA303() throws Exception {
    HttpResponse<String> response = send(to("/redirect/1?code=303").HEAD());

    assertThat(response.request().method()).isEqualTo(Difference.HEAD_AFTER_303.of(subject));
  }

  @Test
  void theResponseTellsTheWay() throws Exception {
    HttpResponse<String> last = get("/redirect/2");

    assertThat(last.statusCode()).isEqualTo(200);
    assertThat(last.uri()).isEqualTo(origin().uri("/"));
    assertThat(last.request().uri()).isEqualTo(origin().uri("/"));
    HttpResponse<String> middle = last.previousResponse().orElseThrow();
    assertThat(middle.statusCode()).isEqualTo(302);
    assertThat(middle.uri()).isEqualTo(origin().uri("/redirect/1"));
    assertThat(middle.body()).isNull();
    assertThat(middle.headers().firstValue("location")).contains("/");
    HttpResponse<String> first = middle.previousResponse().orElseThrow();
    assertThat(first.uri()).isEqualTo(origin().uri("/redirect/2"));
    assertThat(first.request().uri()).isEqualTo(origin().uri("/redirect/2"));
    assertThat(first.previousResponse()).isEmpty();
  }

  @Test
  void afterFiveTheRedirectIsTheResponse() throws Exception {
    long before = origin().requests();

    HttpResponse<String> response = get("/redirect/20");

    assertThat(response.statusCode()).isEqualTo(302);
    assertThat(origin().requests() - before)
        .isEqualTo(Long.parseLong(Difference.REDIRECTS.of(subject)));
  }

  @ParameterizedTest
  @EnumSource(
      value = Redirect.class,
      names = {"NORMAL", "ALWAYS"})
  void fromHttpToHttpsIsFollowed(Redirect policy) throws Exception {
    try (HttpClient following = builder().followRedirects(policy).build()) {
      HttpResponse<String> response =
          following.send(
              HttpRequest.newBuilder(clear(redirect(secure("/bytes/5"), 302))).build(),
              BodyHandlers.ofString());

      assertThat(response.body()).isEqualTo(letters(5));
      assertThat(response.sslSession()).isPresent();
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Redirect.class,
      names = {"NORMAL", "ALWAYS"})
  void fromHttpsToHttpIsFollowedOnlyByAlways(Redirect policy) throws Exception {
    try (HttpClient following = builder().followRedirects(policy).build()) {
      HttpResponse<String> response =
          following.send(
              HttpRequest.newBuilder(secure(redirect(clear("/bytes/5"), 302))).build(),
              BodyHandlers.ofString());

      assertThat(response.statusCode()).isEqualTo(policy == Redirect.ALWAYS ? 200 : 302);
    }
  }

  @Test
  void headersGoAlong() throws Exception {
    HttpResponse<String> response =
        send(
            to(redirect(origin().uri("/headers"), 307))
                .header("X-Mine", "1")
                .header("Authorization", "mine"));

    assertThat(received(response, "X-Mine")).containsExactly("1");
    assertThat(received(response, "Authorization")).containsExactly("mine");
  }

  @Test
  void credentialsDoNotGoToAnotherOrigin() throws Exception {
    URI other = origin().uri("").equals(clear("")) ? secure("/headers") : clear("/headers");
    try (HttpClient following = builder().followRedirects(Redirect.ALWAYS).build()) {
      HttpResponse<String> response =
          following.send(
              to(redirect(other, 307))
                  .header("X-Mine", "1")
                  .header("Authorization", "mine")
                  .build(),
              BodyHandlers.ofString());

      assertThat(received(response, "X-Mine")).containsExactly("1");
      assertThat(received(response, "Authorization")).isEmpty();
    }
  }

  @Test
  void aRedirectWithoutLocationFails() throws Exception {
    try (var server =
        FaultServer.start(
            Script.answer(
                "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"))) {
      assertThatThrownBy(() -> send(HttpRequest.newBuilder(server.uri("/"))))
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void cookiesGoRound() throws Exception {
    try (HttpClient remembering = builder().cookieHandler(new CookieManager()).build()) {
      remembering.send(to("/cookies/set?a=1&b=2").build(), BodyHandlers.discarding());
      String sent = remembering.send(to("/cookies").build(), BodyHandlers.ofString()).body();

      assertThat(sent.strip().split("; |\n", -1)).containsExactly("a=1", "b=2");
    }
  }

  @Test
  void aCookieOfTheCallersGoesBesideTheHandlers() throws Exception {
    try (HttpClient remembering = builder().cookieHandler(new CookieManager()).build()) {
      remembering.send(to("/cookies/set?a=1").build(), BodyHandlers.discarding());
      String sent =
          remembering
              .send(to("/cookies").header("Cookie", "mine=2").build(), BodyHandlers.ofString())
              .body();

      assertThat(sent.strip().split("; |\n", -1)).containsExactlyInAnyOrder("a=1", "mine=2");
    }
  }
}
