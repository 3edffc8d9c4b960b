package dev.hawser.lab.client;

import java.io.Serializable;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What is asked of a client beyond its defaults, in words that are nobody's own: each adapter does
 * it with the options that its client has, and says which.
 *
 * @param room for how many connections to a host there is to be room at least; 0 is the default's
 * @param http2 whether HTTP/2 is to be spoken where the server can; else it is as by default
 * @param limits durations
 */
public record Settings(int room, boolean http2, Map<Limit, Duration> limits)
    implements Serializable {
  /** The defaults. */
  public static final Settings NONE = new Settings(0, false, Map.of());

  /** Copies the map. */
  public Settings {
    limits = Map.copyOf(limits);
  }

  /** With room for so many connections to a host. */
  public Settings room(int connections) {
    return new Settings(connections, http2, limits);
  }

  /** With HTTP/2, for clients that can and do not by default. */
  public Settings withHttp2() {
    return new Settings(room, true, limits);
  }

  /** With this limit. */
  public Settings with(Limit limit, Duration value) {
    var more = new EnumMap<Limit, Duration>(Limit.class);
    more.putAll(limits);
    more.put(limit, value);
    return new Settings(room, http2, more);
  }

  void ifSet(Limit limit, Consumer<Duration> then) {
    Duration value = limits.get(limit);
    if (value != null) {
      then.accept(value);
    }
  }

  boolean isSet(Limit limit) {
    return limits.containsKey(limit);
  }
}
