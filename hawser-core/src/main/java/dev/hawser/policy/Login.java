package dev.hawser.policy;

import dev.hawser.policy.Credentials.Entry;
import java.io.IOException;
import java.net.Authenticator.RequestorType;
import java.net.PasswordAuthentication;
import java.net.http.HttpHeaders;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How one call authenticates itself, with the server and with the proxy. By one thread, that of the
 * call.
 */
public final class Login {
  /** How often refused credentials are replaced by others; the JDK's property. */
  private static final int RETRIES = Integer.getInteger("jdk.httpclient.auth.retrylimit", 3);

  /** What was sent last. */
  private record Attempt(Entry entry, String realm, int count, boolean known) {}

  private final Credentials credentials;
  private final Map<RequestorType, Attempt> attempts = new EnumMap<>(RequestorType.class);

  Login(Credentials credentials) {
    this.credentials = credentials;
  }

  /** What to send with a request; null: nothing, as far as is known. */
  public @Nullable String authorization(Guard guard) {
    Attempt attempt = attempts.get(guard.type());
    if (attempt == null) {
      Entry entry = credentials.covering(guard);
      if (entry == null) {
        return null;
      }
      attempt = new Attempt(entry, "", 0, true);
      attempts.put(guard.type(), attempt);
    }
    return attempt.entry().answer.to(guard.method(), guard.target());
  }

  /**
   * Finds an answer to a 401 or 407.
   *
   * @return whether the request is to be sent again; if not, the response is the caller's
   * @throws IOException if there is no password, or none is accepted
   */
  public boolean answers(Guard guard, HttpHeaders headers) throws IOException {
    Challenge challenge =
        Answer.strongest(
            Challenge.parse(headers.allValues(guard.challengeField())), guard.schemes());
    if (challenge == null) {
      return false;
    }
    Attempt before = attempts.get(guard.type());
    int count = before == null ? 0 : before.count();
    if (count > RETRIES) {
      throw new IOException("too many authentication attempts. Limit: " + RETRIES);
    }
    var entry = entry(guard, challenge, before);
    attempts.put(guard.type(), new Attempt(entry, challenge.realm(), count + 1, false));
    return true;
  }

  private Entry entry(Guard guard, Challenge challenge, @Nullable Attempt before)
      throws IOException {
    PasswordAuthentication password;
    if (before != null && challenge.says("stale", "true")) {
      password = before.entry().password; // it was right, and the server's nonce too old
    } else {
      if (before != null) {
        credentials.forget(before.entry());
      }
      password = credentials.known(guard, challenge.realm());
      if (password == null) {
        password = credentials.ask(guard, challenge);
      }
      if (password == null) {
        throw new IOException("No credentials provided");
      }
    }
    return new Entry(Answer.to(challenge, password), password, guard.folder());
  }

  /** The other side has not refused what was sent. */
  public void accepted(Guard guard) {
    Attempt attempt = attempts.get(guard.type());
    if (attempt != null && !attempt.known()) {
      credentials.keep(guard, attempt.realm(), attempt.entry());
      attempts.put(
          guard.type(), new Attempt(attempt.entry(), attempt.realm(), attempt.count(), true));
    }
  }

  /** The call goes on elsewhere, where what was sent so far may be for nobody. */
  public void redirected() {
    attempts.clear();
  }
}
