package dev.hawser;

import java.time.Duration;

/**
 * Of a host's addresses, those that fail while the others do not get no requests for a while: they
 * are ejected. Only where a name has several; what goes by a proxy is the proxy's to spread. On by
 * default: whoever calls sees only that another address is used, and none is refused for it.
 *
 * <p>A failure is a connection or a TLS handshake that cannot be made, a response that does not
 * come, in the request's {@code timeout} or at all, and a status of 500 or more. Whatever an
 * address does, it is ejected only if its share of failures within {@link #window()} is more than
 * twice that of the others: what fails everywhere is the host's trouble, and none of an address.
 *
 * <p>Connections to an ejected address end what they carry and are closed ({@link
 * CloseReason#EJECTED}); new ones go there only when no other address accepts. When its time is
 * over it takes part again: its first failure ejects it again, its first success makes it as any
 * other.
 *
 * {@snippet class="dev.hawser.examples.Options" region="ejection"}
 *
 * @param enabled whether addresses are ejected
 * @param failuresInARow so many eject an address
 * @param failureShare and so does a larger share of its calls within {@link #window()}, from 0 to
 *     1; under that, a retry elsewhere helps
 * @param minCalls but not among fewer calls than that, nor beside fewer calls of the others
 * @param window of time in which shares are counted
 * @param ejectFor for how long an address is ejected: as long as a process takes to restart; twice,
 *     three times as long when it fails again, and once less for each window in which it did not
 * @param maxEjectFor and so long at most
 * @param maxShare of the addresses that may be ejected at once, from 0 to 1, so that the others can
 *     bear what they get: one in any case, and never all
 * @param panicShare when more than this share of the addresses would be ejected, none is, for
 *     {@link #ejectFor()}: the trouble is the host's; 1 means that this never happens
 */
public record EjectionOptions(
    boolean enabled,
    int failuresInARow,
    double failureShare,
    int minCalls,
    Duration window,
    Duration ejectFor,
    Duration maxEjectFor,
    double maxShare,
    double panicShare) {
  /** The defaults; the reason for each is in the record's Javadoc. */
  public static final EjectionOptions DEFAULTS =
      new EjectionOptions(
          true,
          5,
          0.3,
          20,
          Duration.ofSeconds(10),
          Duration.ofSeconds(30),
          Duration.ofMinutes(5),
          0.5,
          0.5);

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if one is out of its range; the message names it
   */
  public EjectionOptions {
    Checks.atLeast("ejection.failuresInARow", failuresInARow, 1);
    Checks.share("ejection.failureShare", failureShare);
    Checks.atLeast("ejection.minCalls", minCalls, 1);
    Checks.positive("ejection.window", window);
    Checks.positive("ejection.ejectFor", ejectFor);
    Checks.positive("ejection.maxEjectFor", maxEjectFor);
    Checks.share("ejection.maxShare", maxShare);
    Checks.share("ejection.panicShare", panicShare);
  }

  /**
   * {@return these options with another {@link #enabled()}}
   *
   * @param enabled the new value
   */
  public EjectionOptions enabled(boolean enabled) {
    return new EjectionOptions(
        enabled,
        failuresInARow,
        failureShare,
        minCalls,
        window,
        ejectFor,
        maxEjectFor,
        maxShare,
        panicShare);
  }

  /**
   * {@return these options with another {@link #failuresInARow()}}
   *
   * @param failuresInARow the new value
   */
  public EjectionOptions failuresInARow(int failuresInARow) {
    return new EjectionOptions(
        enabled,
        failuresInARow,
        failureShare,
        minCalls,
        window,
        ejectFor,
        maxEjectFor,
        maxShare,
        panicShare);
  }

  /**
   * {@return these options with another {@link #failureShare()}}
   *
   * @param failureShare the new value
   */
  public EjectionOptions failureShare(double failureShare) {
    return new EjectionOptions(
        enabled,
        failuresInARow,
        failureShare,
        minCalls,
        window,
        ejectFor,
        maxEjectFor,
        maxShare,
        panicShare);
  }

  /**
   * {@return these options with another {@link #minCalls()}}
   *
   * @param minCalls the new value
   */
  public EjectionOptions minCalls(int minCalls) {
    return new EjectionOptions(
        enabled,
        failuresInARow,
        failureShare,
        minCalls,
        window,
        ejectFor,
        maxEjectFor,
        maxShare,
        panicShare);
  }

  /**
   * {@return these options with another {@link #window()}}
   *
   * @param window the new value
   */
  public EjectionOptions window(Duration window) {
    return new EjectionOptions(
        enabled,
        failuresInARow,
        failureShare,
        minCalls,
        window,
        ejectFor,
        maxEjectFor,
        maxShare,
        panicShare);
  }

  /**
   * {@return these options with another {@link #ejectFor()}}
   *
   * @param ejectFor the new value
   */
  public EjectionOptions ejectFor(Duration ejectFor) {
    return new EjectionOptions(
        enabled,
        failuresInARow,
        failureShare,
        minCalls,
        window,
        ejectFor,
        maxEjectFor,
        maxShare,
        panicShare);
  }

  /**
   * {@return these options with another {@link #maxEjectFor()}}
   *
   * @param maxEjectFor the new value
   */
  public EjectionOptions maxEjectFor(Duration maxEjectFor) {
    return new EjectionOptions(
        enabled,
        failuresInARow,
        failureShare,
        minCalls,
        window,
        ejectFor,
        maxEjectFor,
        maxShare,
        panicShare);
  }

  /**
   * {@return these options with another {@link #maxShare()}}
   *
   * @param maxShare the new value
   */
  public EjectionOptions maxShare(double maxShare) {
    return new EjectionOptions(
        enabled,
        failuresInARow,
        failureShare,
        minCalls,
        window,
        ejectFor,
        maxEjectFor,
        maxShare,
        panicShare);
  }

  /**
   * {@return these options with another {@link #panicShare()}}
   *
   * @param panicShare the new value
   */
  public EjectionOptions panicShare(double panicShare) {
    return new EjectionOptions(
        enabled,
        failuresInARow,
        failureShare,
        minCalls,
        window,
        ejectFor,
        maxEjectFor,
        maxShare,
        panicShare);
  }
}
