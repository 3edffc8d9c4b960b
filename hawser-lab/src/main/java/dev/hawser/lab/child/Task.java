package dev.hawser.lab.child;

import dev.hawser.lab.client.Reading;
import java.io.Serializable;
import java.net.URI;
import java.time.Duration;
import java.util.List;

/**
 * What a client's process is to do. Several may be under way at once, with the same client.
 *
 * @param uris called in turn by each caller: caller number c begins with number c
 * @param timeout the client's own for each request; the lab itself waits a second longer
 * @param seed of the pauses
 */
public record Task(
    Load load, String method, List<URI> uris, Reading reading, Duration timeout, long seed)
    implements Serializable {
  /** Copies the list. */
  public Task {
    uris = List.copyOf(uris);
  }

  /** GETs whose bodies are read, with five seconds for each. */
  public static Task get(Load load, URI... uris) {
    return new Task(load, "GET", List.of(uris), Reading.ALL, Duration.ofSeconds(5), 1);
  }

  /** The same as POST, which no client may send twice by itself. */
  public Task post() {
    return new Task(load, "POST", uris, reading, timeout, seed);
  }

  /** The same with another load. */
  public Task load(Load other) {
    return new Task(other, method, uris, reading, timeout, seed);
  }

  /** The same with another way of reading. */
  public Task reading(Reading other) {
    return new Task(load, method, uris, other, timeout, seed);
  }

  /** The same with another time-out. */
  public Task timeout(Duration other) {
    return new Task(load, method, uris, reading, other, seed);
  }

  /** The same with other pauses. */
  public Task seed(long other) {
    return new Task(load, method, uris, reading, timeout, other);
  }
}
