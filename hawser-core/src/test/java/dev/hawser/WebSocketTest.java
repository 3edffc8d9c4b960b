package dev.hawser;

import java.net.http.HttpClient;
import org.junit.jupiter.api.Tag;

/** The contract's tests against Hawser. */
@Tag("one-carrier")
class WebSocketTest extends WebSocketContract {
  @Override
  HttpClient.Builder builder() {
    return Hawser.newBuilder();
  }
}
