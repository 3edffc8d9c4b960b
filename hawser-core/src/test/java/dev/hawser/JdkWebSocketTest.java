package dev.hawser;

import java.net.http.HttpClient;

/** The contract's tests against the JDK's own client: they say what it says. */
class JdkWebSocketTest extends WebSocketContract {
  @Override
  HttpClient.Builder builder() {
    return HttpClient.newBuilder();
  }
}
