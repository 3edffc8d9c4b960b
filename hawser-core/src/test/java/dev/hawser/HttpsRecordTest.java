package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawser.faults.DnsFaults;
import dev.hawser.faults.DnsServer;
import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Script;
import dev.hawser.faults.TestAuthority;
import dev.hawser.faults.Tls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Type;

/** HTTPS records (RFC 9460): a help where there is one, and never a failure. */
@Tag("tls")
@Timeout(60)
class HttpsRecordTest extends WithClient {
  private static final String A = "a.test";

  private final TestAuthority authority = TestAuthority.create();
  private DnsServer dns;
  private FaultServer own;
  private FaultServer hinted;

  @BeforeEach
  void openServers() throws Exception {
    dns = DnsServer.start();
    dns.set(A, Type.A, 60, "127.0.0.1");
    own = server(FaultServer.builder().tls(tls()), Script.ok("own"));
    hinted = server(FaultServer.builder().tls(tls()), Script.ok("hinted"));
    dns(d -> d);
  }

  @AfterEach
  void closeServers() throws Exception {
    dns.close();
    assertThat(dns.failures()).isEmpty();
  }

  private Tls tls() {
    return Tls.of(authority.issue(certificate -> certificate.names(A)).serverContext());
  }

  private void dns(UnaryOperator<DnsOptions> change) {
    client.shutdown();
    client =
        options()
            .listener(witness)
            .sslContext(OwnContext.trusting(authority))
            .dns(d -> change.apply(d.servers(dns.address())))
            .build();
  }

  /** The name at which the record of an origin with another port than 443 is. */
  private String owner() {
    return "_" + own.port() + "._https." + A;
  }

  private void record(String value) {
    dns.set(owner(), Type.HTTPS, 60, value);
  }

  private String get() throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(URI.create("https://" + A + ":" + own.port() + "/"))).body();
  }

  @Test
  void anotherPortIsTriedFirst() throws Exception {
    record("1 a.test. alpn=h2,http/1.1 port=" + hinted.port());

    assertThat(get()).isEqualTo("hinted");
    assertThat(hinted.requests().getFirst().header("Host"))
        .as("the origin stays what it is")
        .contains(A + ":" + own.port());
    assertThat(own.connections()).isZero();
    var hint = new ServiceHint(List.of("h2", "http/1.1"), OptionalInt.of(hinted.port()));
    assertThat(witness.all(ExchangeEvent.Resolved.class))
        .singleElement()
        .satisfies(resolved -> assertThat(resolved.hint()).contains(hint));
    assertThat(client.snapshot().names())
        .filteredOn(name -> name.type().equals("HTTPS"))
        .singleElement()
        .satisfies(
            name -> {
              assertThat(name.host()).isEqualTo(owner());
              assertThat(name.hint()).contains(hint);
              assertThat(name.source()).isEqualTo(dns.address());
              assertThat(name.ttlLeft()).isBetween(Duration.ofSeconds(30), Duration.ofSeconds(60));
            });
  }

  @Test
  void withoutARecordTheOriginsOwnPortIsUsedAndNobodyComplains() throws Exception {
    assertThat(get()).isEqualTo("own");
    assertThat(dns.queries(owner(), Type.HTTPS)).isEqualTo(1);
    assertThat(witness.all(ExchangeEvent.Resolved.class).getFirst().hint()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0 a.test.", // an alias, if to itself
        "1 . port=PORT", // its own name, which has no addresses
        "1 b.test. port=PORT", // another name
        "1 a.test. alpn=h3 no-default-alpn port=PORT", // not in our language
        "1 a.test. mandatory=ech ech=AAAA port=PORT", // needs what we do not understand
        "1 a.test. alpn=h2", // no port
      })
  void aRecordThatIsOfNoUseIsLeftAlone(String value) throws Exception {
    record(value.replace("PORT", String.valueOf(hinted.port())));

    assertThat(get()).isEqualTo("own");
    assertThat(dns.queries(owner(), Type.HTTPS)).isEqualTo(1);
  }

  @Test
  void theServersPreferenceCounts() throws Exception {
    dns.set(
        owner(),
        Type.HTTPS,
        60,
        "2 a.test. port=" + own.port(),
        "1 a.test. port=" + hinted.port(),
        "3 a.test. port=1");

    assertThat(get()).isEqualTo("hinted");
  }

  @Test
  void whereTheHintLeadsNowhereTheOriginsOwnPortServes() throws Exception {
    record("1 a.test. port=" + hinted.port());
    hinted.stopListening();

    assertThat(get()).isEqualTo("own");
  }

  @Test
  void andWhereItLeadsToAStranger() throws Exception {
    FaultServer stranger =
        server(
            FaultServer.builder().tls(Tls.of(authority.localhost().serverContext())),
            Script.ok("stranger"));
    record("1 a.test. port=" + stranger.port());

    assertThat(get()).isEqualTo("own");
    assertThat(stranger.requests()).as("who cannot show the certificate").isEmpty();

    own.closeConnections();
    assertThat(witness.await(ExchangeEvent.Closed.class, 1, PATIENCE)).isTrue();
    assertThat(get()).isEqualTo("own");
    assertThat(stranger.connections()).as("and is not tried again soon").isEqualTo(1);
  }

  @Test
  void whereBothFailTheOwnPortsErrorIsTold() throws Exception {
    record("1 a.test. port=" + hinted.port());
    hinted.stopListening();
    own.stopListening();

    assertThatThrownBy(this::get)
        .isInstanceOf(ConnectFailedException.class)
        .hasMessageContaining("127.0.0.1:" + own.port());
  }

  @Test
  void aServerThatRefusesTheQuestionIsNoFailure() throws Exception {
    dns.on(owner(), DnsFaults.rcode(Rcode.NOTIMP));

    assertThat(get()).isEqualTo("own");
    assertThat(witness.all(ExchangeEvent.LookupFailed.class)).isEmpty();
  }

  @Test
  void aServerThatDropsTheQuestionCostsTheResolutionDelayOnce() throws Exception {
    dns.on(owner(), DnsFaults.silence());

    assertThat(get()).isEqualTo("own");
    assertThat(witness.all(ExchangeEvent.Resolved.class).getFirst().took())
        .isBetween(Duration.ofMillis(50), Duration.ofSeconds(2));

    for (int i = 1; i <= 5; i++) {
      own.closeConnections();
      assertThat(witness.await(ExchangeEvent.Closed.class, i, PATIENCE)).isTrue();
      assertThat(get()).isEqualTo("own");
    }
    assertThat(witness.all(ExchangeEvent.Resolved.class).stream().skip(1))
        .as("of a busy machine")
        .anyMatch(resolved -> resolved.took().toMillis() < 50);
  }

  @Test
  void nobodyIsAskedWhereItIsNotWanted() throws Exception {
    record("1 a.test. port=" + hinted.port());
    dns(d -> d.httpsRecords(false));

    assertThat(get()).isEqualTo("own");
    assertThat(dns.queries(owner())).isZero();
  }

  @Test
  void norWhereTheAddressIsGiven() throws Exception {
    record("1 a.test. port=" + hinted.port());
    dns(d -> d.hosts(Map.of(A, List.of(InetAddress.ofLiteral("127.0.0.1")))));

    assertThat(get()).isEqualTo("own");
    assertThat(dns.queries()).isEmpty();
  }
}
