package dev.hawser;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What one of the layers between a host name and its addresses says, as {@link
 * HawserClient#layers(String)} finds it.
 *
 * {@snippet class="dev.hawser.examples.Watching" region="layers"}
 *
 * @param layer {@code options}, {@code hosts file}, {@code own cache}, {@code given resolver},
 *     {@code stub resolver} (a DNS server on this machine), {@code server}, {@code upstream} (a
 *     server that the stub resolver asks), {@code system} ({@link InetAddress})
 * @param source which one: a file or a server
 * @param addresses what it says; empty if it knows none
 * @param ttl for how long that still holds, if the layer tells
 * @param age how long ago it learned that, if the layer tells
 * @param error why it says nothing, if it should have
 */
public record NameLayer(
    String layer,
    String source,
    List<InetAddress> addresses,
    Optional<Duration> ttl,
    Optional<Duration> age,
    Optional<String> error) {
  /** Copies the list. */
  public NameLayer {
    addresses = List.copyOf(addresses);
  }
}
