package dev.hawser.container;

import dev.hawser.ContainerLoad;
import dev.hawser.ContainerLoad.Pressure;
import dev.hawser.ContainerLoad.Throttling;
import dev.hawser.io.Ticker;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads what the kernel says of this process' control group. Each look reads some six small files,
 * 0.1 ms; nothing is read in between.
 */
public final class Container {
  /** Shorter stretches say more of the scheduler's tick and the quota's period than of load. */
  private static final long STRETCH = 1_000_000_000;

  private final Path root;
  private final Ticker ticker;
  private final int processors;
  private @Nullable Groups groups; // guarded by this; found at the first look
  private @Nullable Use last; // guarded by this
  private OptionalDouble utilisation = OptionalDouble.empty(); // guarded by this; up to `last`

  private record Groups(
      Optional<ControlGroup> unified, Optional<ControlGroup> cpu, Optional<ControlGroup> cpuacct) {}

  private record Use(long at, Duration cpuTime) {}

  /** How many CPUs a group may use. */
  private record Quota(double cpus, Path group) {}

  public Container(Ticker ticker) {
    this(Path.of("/"), ticker, Runtime.getRuntime().availableProcessors());
  }

  /**
   * @param root of the file system
   * @param processors that the JVM sees; a quota may be behind that number already
   */
  Container(Path root, Ticker ticker, int processors) {
    this.root = root;
    this.ticker = ticker;
    this.processors = processors;
  }

  /** As it is now. Never fails: what cannot be read is not told. */
  public synchronized ContainerLoad look() {
    if (groups == null) {
      groups =
          new Groups(
              ControlGroup.unified(root),
              ControlGroup.of(root, "cpu"),
              ControlGroup.of(root, "cpuacct"));
    }
    Optional<Quota> quota = quota(groups);
    double cpus = quota.map(Quota::cpus).orElse((double) processors);
    Optional<Duration> cpuTime = cpuTime(groups, quota);
    cpuTime.ifPresent(used -> measure(new Use(ticker.nanos(), used), cpus));
    return new ContainerLoad(
        cpus,
        quota.isPresent(),
        cpuTime,
        utilisation,
        quota.flatMap(limit -> throttling(limit.group())),
        pressure(groups, "cpu"),
        pressure(groups, "memory"));
  }

  private void measure(Use now, double cpus) {
    if (last != null && now.at() - last.at() < STRETCH) {
      return;
    }
    if (last != null) {
      double used = now.cpuTime().minus(last.cpuTime()).toNanos();
      utilisation = OptionalDouble.of(Math.max(0, used / (now.at() - last.at()) / cpus));
    }
    last = now;
  }

  /** The smallest of the group's and of those around it; on hybrid machines of both hierarchies. */
  private static Optional<Quota> quota(Groups groups) {
    return Stream.concat(
            groups.unified().stream().flatMap(group -> group.upwards().stream()),
            groups.cpu().stream().flatMap(group -> group.upwards().stream()))
        .flatMap(group -> quota(group).stream())
        .min(Comparator.comparingDouble(Quota::cpus));
  }

  private static Optional<Quota> quota(Path group) {
    List<String> max = new KernelFile(group.resolve("cpu.max")).lines();
    return max.isEmpty()
        ? quota(
            group,
            new KernelFile(group.resolve("cpu.cfs_quota_us")).number(),
            new KernelFile(group.resolve("cpu.cfs_period_us")).number())
        : quota(group, max.getFirst().split(" ", -1));
  }

  private static Optional<Quota> quota(Path group, String[] quotaAndPeriod) {
    return quotaAndPeriod.length == 2
        ? quota(group, KernelFile.parse(quotaAndPeriod[0]), KernelFile.parse(quotaAndPeriod[1]))
        : Optional.empty();
  }

  private static Optional<Quota> quota(Path group, Optional<Long> quota, Optional<Long> period) {
    double cpus = (double) quota.orElse(0L) / period.orElse(0L);
    return cpus > 0 && Double.isFinite(cpus)
        ? Optional.of(new Quota(cpus, group))
        : Optional.empty();
  }

  /** Of the group whose the quota is; without one of the innermost. */
  private static Optional<Duration> cpuTime(Groups groups, Optional<Quota> quota) {
    Optional<Path> limited = quota.map(Quota::group);
    Optional<Path> group = limited.or(() -> groups.unified().map(ControlGroup::own));
    Optional<Path> accounts =
        limited.isPresent()
            ? limited.flatMap(path -> accounts(groups, path))
            : groups.cpuacct().map(ControlGroup::own);
    return accounts
        .flatMap(path -> new KernelFile(path.resolve("cpuacct.usage")).number())
        .map(Duration::ofNanos)
        .or(
            () ->
                group
                    .flatMap(path -> new KernelFile(path.resolve("cpu.stat")).number("usage_usec"))
                    .map(Container::ofMicros));
  }

  /**
   * The same group among those of {@code cpuacct}, which is a hierarchy of its own on some machines
   * of version 1, and may put this process elsewhere.
   */
  private static Optional<Path> accounts(Groups groups, Path limited) {
    return groups.cpu().stream()
        .filter(cpu -> limited.startsWith(cpu.mount()))
        .flatMap(cpu -> groups.cpuacct().stream().map(acct -> acct.at(cpu, limited)))
        .flatMap(Optional::stream)
        .findFirst();
  }

  private static Optional<Throttling> throttling(Path group) {
    var stat = new KernelFile(group.resolve("cpu.stat"));
    Optional<Duration> time =
        stat.number("throttled_usec")
            .map(Container::ofMicros)
            .or(() -> stat.number("throttled_time").map(Duration::ofNanos)); // version 1
    return time.map(
        throttled ->
            new Throttling(
                stat.number("nr_periods").orElse(0L),
                stat.number("nr_throttled").orElse(0L),
                throttled));
  }

  /** The group's own, which only version 2 has, or the machine's. */
  private Optional<Pressure> pressure(Groups groups, String resource) {
    return groups
        .unified()
        .flatMap(group -> PressureFile.read(group.file(resource + ".pressure"), false))
        .or(
            () ->
                PressureFile.read(
                    new KernelFile(root.resolve("proc/pressure").resolve(resource)), true));
  }

  static Duration ofMicros(long micros) {
    return Duration.of(micros, ChronoUnit.MICROS);
  }
}
