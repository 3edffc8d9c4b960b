package dev.hawser.io;

import dev.hawser.Phase;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * What a stage of the call reports; the exchange adds the call's history and throws the public
 * {@link dev.hawser.ExchangeFailure} of it. Has no stack trace: it may come from another thread,
 * and the public one has its own.
 */
public final class StageFailure extends IOException {
  private static final long serialVersionUID = 1;

  private final Phase phase;
  private final boolean timeout;
  private final transient @Nullable InetSocketAddress address;
  private final String advice;
  private final transient TlsFacts tls;
  private final int status; // of a proxy's answer; 0: none

  private StageFailure(
      Phase phase,
      boolean timeout,
      String problem,
      String advice,
      TlsFacts tls,
      int status,
      @Nullable InetSocketAddress address,
      @Nullable Throwable cause) {
    super(problem, cause);
    this.phase = phase;
    this.timeout = timeout;
    this.address = address;
    this.advice = advice;
    this.tls = tls;
    this.status = status;
  }

  /** A deadline passed. */
  public static StageFailure timeout(Phase phase, String problem, String advice) {
    return new StageFailure(phase, true, problem, advice, TlsFacts.NONE, 0, null, null);
  }

  /** Something else happened. */
  public static StageFailure of(
      Phase phase, String problem, String advice, @Nullable Throwable cause) {
    return new StageFailure(phase, false, problem, advice, TlsFacts.NONE, 0, null, cause);
  }

  /** TLS went wrong in a way that is known. */
  public static StageFailure tls(
      TlsFacts facts, String problem, String advice, @Nullable Throwable cause) {
    return new StageFailure(Phase.TLS, false, problem, advice, facts, 0, null, cause);
  }

  /** A proxy does not open a tunnel, and answered with this status; 0: with none. */
  public static StageFailure proxy(
      int status, String problem, String advice, @Nullable Throwable cause) {
    return new StageFailure(
        Phase.PROXY, false, problem, advice, TlsFacts.NONE, status, null, cause);
  }

  /** The same failure, with the peer's address. */
  public StageFailure at(@Nullable InetSocketAddress peer) {
    return new StageFailure(phase, timeout, problem(), advice, tls, status, peer, getCause());
  }

  /** The same failure, with more before its problem. */
  public StageFailure prefixed(String prefix) {
    return new StageFailure(
        phase, timeout, prefix + problem(), advice, tls, status, address, getCause());
  }

  /** The same failure, with more after its problem. */
  public StageFailure with(String more) {
    return new StageFailure(
        phase, timeout, problem() + more, advice, tls, status, address, getCause());
  }

  public Phase phase() {
    return phase;
  }

  /** Whether a deadline passed. */
  public boolean timeout() {
    return timeout;
  }

  /** What happened, in a few words. */
  public String problem() {
    return String.valueOf(getMessage());
  }

  /** What to do about it; may be empty. */
  public String advice() {
    return advice;
  }

  /** What is known of a TLS failure. */
  public TlsFacts tls() {
    return tls;
  }

  /** What a proxy answered with; 0: nothing. */
  public int status() {
    return status;
  }

  /** The peer's address, if one was tried. */
  public @Nullable InetSocketAddress address() {
    return address;
  }

  @Override
  public Throwable fillInStackTrace() {
    return this;
  }
}
