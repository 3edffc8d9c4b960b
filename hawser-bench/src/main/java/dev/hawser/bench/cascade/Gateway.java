package dev.hawser.bench.cascade;

import com.sun.net.httpserver.HttpExchange;
import dev.hawser.CallRefusedException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;

/** The gateway: for each request it asks the authentication service, by the client under test. */
final class Gateway {
  /** How long it waits for an answer, as the brief has it. */
  private static final Duration TIMEOUT = Duration.ofSeconds(2);

  private final HttpClient client;
  private final URI auth;
  private final int attempts;

  private Gateway(HttpClient client, URI auth, int attempts) {
    this.client = client;
    this.auth = auth;
    this.attempts = attempts;
  }

  /** Arguments: the client's name, the port of the service, and how often a call may be tried. */
  static void main(String[] args) throws IOException {
    int attempts = Integer.parseInt(args[2]);
    Setup setup = Setup.of(args[0]);
    var gateway =
        new Gateway(
            setup.client(attempts),
            URI.create("http://127.0.0.1:" + args[1] + "/"),
            setup.isRepeated() ? attempts : 1);
    Service.serve(gateway::handle);
  }

  private void handle(HttpExchange exchange) throws IOException {
    try {
      HttpResponse<String> answer = ask(exchange.getRequestURI().getQuery());
      Service.answer(exchange, answer.statusCode(), answer.body());
    } catch (CallRefusedException e) {
      // In whole seconds: the header knows no others.
      exchange
          .getResponseHeaders()
          .set("Retry-After", Long.toString(Math.max(1, e.retryAfter().toSeconds())));
      Service.answer(exchange, 503, String.valueOf(e.getMessage()));
    } catch (HttpTimeoutException e) {
      Service.answer(exchange, 504, "no answer in time");
    } catch (IOException e) {
      Service.answer(exchange, 503, e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      exchange.close();
    }
  }

  /** Where the client does not repeat, this does, at once, as is done in many a program. */
  private HttpResponse<String> ask(String user) throws IOException, InterruptedException {
    var request = HttpRequest.newBuilder(auth.resolve("/?" + user)).timeout(TIMEOUT).build();
    for (int i = 1; ; i++) {
      try {
        return client.send(request, BodyHandlers.ofString());
      } catch (IOException e) {
        if (i == attempts) {
          throw e;
        }
      }
    }
  }
}
