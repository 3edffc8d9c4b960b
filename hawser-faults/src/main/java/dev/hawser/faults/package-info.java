/**
 * Servers that misbehave as a script tells them to, and one that does not: for the library's tests,
 * the demonstration, the benchmarks and the fault lab. Knows nothing of Hawser. Everything listens
 * on loopback, on virtual threads, and ends with {@code close()}.
 *
 * <ul>
 *   <li>{@link FaultServer} plays a {@link Script} on each connection; a script sees its connection
 *       as a {@link Peer}.
 *   <li>{@link Http2Script} is a script over HTTP/2, which sees its connection as a {@link
 *       Http2Peer}; {@link Http2Faults}, {@link Http2Endings}, {@link Http2Floods} and {@link
 *       HpackFaults} are ready ones.
 *   <li>{@link OriginServer} is a small, fast server of HTTP/1.1 and HTTP/2; its {@code main} runs
 *       it alone; a {@link Http2Exchange} is one request that shall go wrong.
 *   <li>{@link FaultProxy} is a bad wire in front of any port.
 *   <li>{@link Ports} are ports that refuse, or never answer.
 *   <li>{@link DnsServer} has records and {@link DnsFaults} that change while it runs; {@link
 *       DohServer} puts HTTPS before it.
 *   <li>{@link TestAuthority} issues certificates, good and bad.
 * </ul>
 *
 * A server that answers twice on each connection, then closes without a word, behind a slow wire:
 *
 * {@snippet :
 * var identity = TestAuthority.create().localhost();
 * try (var server = FaultServer.builder()
 *         .tls(identity.tls().alpn("http/1.1"))
 *         .start(Script.closeAfter(2, peer -> peer.ok("hello")));
 *     var wire = FaultProxy.before(server.address())) {
 *   wire.delay(Duration.ofMillis(40));
 *   // … requests to https://127.0.0.1:{wire.port()}/
 *   assertThat(server.connections()).as(server.transcript()).isEqualTo(1);
 *   assertThat(server.awaitAllClosed(Duration.ofSeconds(5))).isTrue();
 *   assertThat(server.failures()).isEmpty();
 * }
 * }
 */
@NullMarked
package dev.hawser.faults;

import org.jspecify.annotations.NullMarked;
