package dev.hawser.policy;

import dev.hawser.Origin;
import dev.hawser.connect.Via;
import java.io.IOException;
import java.net.Authenticator;
import java.net.Authenticator.RequestorType;
import java.net.MalformedURLException;
import java.net.PasswordAuthentication;
import java.net.URI;
import java.net.URL;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a client's {@link Authenticator} has given and a server or proxy has accepted, by protection
 * space: each is for one origin (its scheme included, so that nothing goes from https down to http)
 * and one realm of it.
 */
public final class Credentials {
  /** A crawler must not fill the memory; the space not used for longest is forgotten. */
  private static final int MOST = 1_000;

  /** A protection space (RFC 9110 section 11.5). */
  private record Space(RequestorType type, Origin origin, String realm) {}

  /** What opens one, and from where downwards. */
  static final class Entry {
    final Answer answer;
    final PasswordAuthentication password;
    final String folder;

    Entry(Answer answer, PasswordAuthentication password, String folder) {
      this.answer = answer;
      this.password = password;
      this.folder = folder;
    }

    boolean covers(Guard guard) {
      return guard.isProxy() || answer.everywhere() || guard.target().startsWith(folder);
    }
  }

  private final Authenticator authenticator;
  private final Map<Space, Entry> entries = // guarded by itself; in the order of use
      new LinkedHashMap<>(16, 0.75f, true);

  public Credentials(Authenticator authenticator) {
    this.authenticator = authenticator;
  }

  /** For one call. */
  public Login login() {
    return new Login(this);
  }

  /** What may be sent before it is asked for: its space is known to cover the request. */
  @Nullable Entry covering(Guard guard) {
    Entry closest = null;
    synchronized (entries) {
      for (Map.Entry<Space, Entry> each : entries.entrySet()) {
        Entry entry = each.getValue();
        if (each.getKey().type() == guard.type()
            && each.getKey().origin().equals(guard.origin())
            && entry.covers(guard)
            && (closest == null || entry.folder.length() > closest.folder.length())) {
          closest = entry;
        }
      }
    }
    return closest;
  }

  /** The space's password, if there is one. */
  @Nullable PasswordAuthentication known(Guard guard, String realm) {
    synchronized (entries) {
      Entry entry = entries.get(new Space(guard.type(), guard.origin(), realm));
      return entry == null ? null : entry.password;
    }
  }

  /** A password was accepted. */
  void keep(Guard guard, String realm, Entry accepted) {
    synchronized (entries) {
      entries.put(new Space(guard.type(), guard.origin(), realm), accepted);
      if (entries.size() > MOST) {
        Iterator<Entry> oldest = entries.values().iterator();
        oldest.next();
        oldest.remove();
      }
    }
  }

  /** A password was refused; another that has come meanwhile stays. */
  void forget(Entry refused) {
    synchronized (entries) {
      entries.values().removeIf(entry -> entry.password == refused.password);
    }
  }

  /**
   * Asks the user.
   *
   * @return null: there is none
   */
  @Nullable PasswordAuthentication ask(Guard guard, Challenge challenge) throws IOException {
    return authenticator.requestPasswordAuthenticationInstance(
        guard.origin().host(),
        null,
        guard.port(),
        guard.origin().scheme(),
        challenge.realm(),
        challenge.scheme(),
        url(guard.uri()),
        guard.type());
  }

  /** The same for a SOCKS proxy, in the words of the JDK's sockets. */
  public @Nullable PasswordAuthentication askForSocks(Via via) {
    return authenticator.requestPasswordAuthenticationInstance(
        via.host(),
        via.address(),
        via.port(),
        "SOCKS5",
        "SOCKS authentication",
        null,
        null,
        RequestorType.PROXY);
  }

  private static @Nullable URL url(@Nullable URI uri) throws MalformedURLException {
    return uri == null ? null : uri.toURL();
  }
}
