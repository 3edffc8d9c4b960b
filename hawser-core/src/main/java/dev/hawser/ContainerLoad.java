package dev.hawser;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What the kernel says of the control group that this process is in, of version 1 or 2: its
 * container, as a rule. What this machine does not tell is empty; on other systems than Linux that
 * is everything but {@code cpus}.
 *
 * <p>Latencies that grow while {@code throttling} does, or while {@code cpuPressure} is high, are
 * made on this side of the network.
 *
 * {@snippet class="dev.hawser.examples.Watching" region="container"}
 *
 * @param cpus how many CPUs' time the group may use: its quota or that of a group around it,
 *     whichever is smallest; as many as the JVM sees if there is none
 * @param quota whether that is a quota; one that is used up stops the process until the next period
 * @param cpuTime used since the group was made
 * @param cpuUtilisation the part of {@code cpus} that the group used between two snapshots that
 *     were at least a second apart, the last one being this one or a moment before; empty until
 *     there have been two
 * @param throttling of the group that has the quota
 * @param cpuPressure waiting for a CPU
 * @param memoryPressure waiting for memory that is being reclaimed or swapped in
 */
public record ContainerLoad(
    double cpus,
    boolean quota,
    Optional<Duration> cpuTime,
    OptionalDouble cpuUtilisation,
    Optional<Throttling> throttling,
    Optional<Pressure> cpuPressure,
    Optional<Pressure> memoryPressure) {
  /**
   * How often the quota was used up.
   *
   * @param periods in which the group wanted CPU
   * @param throttledPeriods those in which it was stopped
   * @param throttled for how long in all, over all CPUs
   */
  public record Throttling(long periods, long throttledPeriods, Duration throttled) {}

  /**
   * Pressure stall information.
   *
   * @param some the share, from 0 to 1, of the last ten seconds in which a task or more had to wait
   * @param full in which all of them had to
   * @param waited for how long a task or more has had to wait in all
   * @param ofMachine whether this is the whole machine's, for want of the group's own
   */
  public record Pressure(double some, double full, Duration waited, boolean ofMachine) {}
}
