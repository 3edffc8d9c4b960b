package dev.hawser.compat;

import dev.hawser.Hawser;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.util.function.Supplier;

/** Which client does what a test says, and over which protocol. */
enum Subject {
  JDK_HTTP_1_1(HttpClient::newBuilder, Version.HTTP_1_1),
  JDK_HTTP_2(HttpClient::newBuilder, Version.HTTP_2),
  HAWSER_HTTP_1_1(Hawser::newBuilder, Version.HTTP_1_1),
  HAWSER_HTTP_2(Hawser::newBuilder, Version.HTTP_2);

  private final Supplier<HttpClient.Builder> builders;
  private final Version version;

  Subject(Supplier<HttpClient.Builder> builders, Version version) {
    this.builders = builders;
    this.version = version;
  }

  HttpClient.Builder builder() {
    return builders.get().version(version);
  }

  Version version() {
    return version;
  }

  boolean isHawser() {
    return this == HAWSER_HTTP_1_1 || this == HAWSER_HTTP_2;
  }
}
