package dev.hawser.compat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawser.Handmade;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of an {@link HttpRequest}. */
@OnBothClients
class RequestCompatTest extends WithBothClients {
  // ---- what is refused

  @Test
  void connectIsTheClientsOwn() {
    HttpRequest connect = new Handmade("CONNECT", origin().uri("/"), Map.of());

    assertThatThrownBy(() -> client.send(connect, BodyHandlers.ofString()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> client.sendAsync(connect, BodyHandlers.ofString()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"connection", "Content-Length", "expect", "HOST", "upgrade"})
  void aRequestOfAnothersMakingMayNotSetRestrictedHeaders(String name) {
    HttpRequest request = new Handmade("GET", origin().uri("/"), Map.of(name, List.of("1")));

    assertThatThrownBy(() -> client.send(request, BodyHandlers.ofString()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> client.sendAsync(request, BodyHandlers.ofString()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aRequestOfAnothersMakingIsSent() throws Exception {
    HttpRequest request =
        new Handmade("GET", origin().uri("/headers"), Map.of("X-A", List.of("1", "2")));

    HttpResponse<String> response = client.send(request, BodyHandlers.ofString());

    assertThat(received(response, "X-A")).containsExactly("1", "2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ftp://127.0.0.1/", "http:///nohost"})
  void whereHttpDoesNotLeadIsRefused(String uri) {
    HttpRequest request = new Handmade("GET", URI.create(uri), Map.of());

    assertThatThrownBy(() -> client.send(request, BodyHandlers.ofString()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> client.sendAsync(request, BodyHandlers.ofString()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void nullsAreRefusedButAPushHandlerMayBeMissing() throws Exception {
    HttpRequest request = to("/").build();

    assertThatThrownBy(() -> client.send(request, null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> client.send(null, BodyHandlers.ofString()))
        .isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> client.sendAsync(request, null, null))
        .isInstanceOf(NullPointerException.class);
    assertThat(client.sendAsync(request, BodyHandlers.ofString(), null).get().statusCode())
        .isEqualTo(200);
  }

  // ---- what is sent

  @ParameterizedTest
  @ValueSource(
      strings = {"GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND", "M-SEARCH"})
  void anyMethodMayHaveABody(String method) throws Exception {
    HttpResponse<String> response =
        send(to("/echo").method(method, BodyPublishers.ofString("the body")));

    assertThat(response.body()).isEqualTo("the body");
    assertThat(response.request().method()).isEqualTo(method);
  }

  @Test
  void headersAreSentInTheirOrderWithAllTheirValues() throws Exception {
    HttpResponse<String> response =
        send(to("/headers").header("X-B", "2").header("X-A", "1").header("X-B", "0, 3"));

    assertThat(received(response, "X-B")).containsExactly("2", "0, 3");
    assertThat(received(response, "X-A")).containsExactly("1");
  }

  @Test
  void anEmptyHeaderIsSent() throws Exception {
    assertThat(received(send(to("/headers").header("X-Empty", "")), "X-Empty")).containsExactly("");
  }

  @Test
  void theUserAgentIsTheCallersIfItSetsOne() throws Exception {
    assertThat(received(send(to("/headers").header("User-Agent", "mine")), "User-Agent"))
        .containsExactly("mine");

    String own = received(get("/headers"), "User-Agent").toString();
    assertThat(own.replaceAll("\\[|]|/.*", "")).isEqualTo(Difference.USER_AGENT.of(subject));
  }

  @Test
  void acceptEncodingIsNotSentUnasked() throws Exception {
    assertThat(received(get("/headers"), "Accept-Encoding")).isEmpty();
    assertThat(received(get("/headers"), "Accept")).isEmpty();
  }

  @Test
  void theFragmentIsNotSent() throws Exception {
    HttpResponse<String> response = get("/bytes/2?x=%20y#part");

    assertThat(response.body()).isEqualTo(letters(2));
    assertThat(response.uri().getFragment()).isEqualTo("part");
  }

  @Test
  void anExpectedContinueLetsTheBodyGo() throws Exception {
    HttpResponse<String> response =
        send(to("/echo").expectContinue(true).POST(BodyPublishers.ofString("the body")));

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEqualTo("the body");
  }

  @Test
  void aFinalAnswerInsteadOfTheContinueIsTheResponse() throws Exception {
    HttpResponse<String> response =
        send(to("/early/417").expectContinue(true).POST(BodyPublishers.ofString("the body")));

    assertThat(response.statusCode()).isEqualTo(417);
  }
}
