package dev.hawser.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.ContainerLoad;
import dev.hawser.ContainerLoad.Pressure;
import dev.hawser.ContainerLoad.Throttling;
import dev.hawser.io.Ticker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Trees of files as machines of several kinds have them. */
class ContainerTest {
  @TempDir private Path root;
  private final AtomicLong now = new AtomicLong(1);
  private Container container;

  @BeforeEach
  void begin() {
    Ticker ticker = now::get;
    container = new Container(root, ticker, 8);
  }

  /** Kubernetes on a machine with version 2: a namespace of its own, its group is its root. */
  @Test
  void aContainerOfVersion2() throws IOException {
    write("proc/self/cgroup", "0::/");
    write(
        "proc/self/mountinfo",
        "1 0 0:1 / / rw - overlay overlay rw\n"
            + "31 30 0:26 / /sys/fs/cgroup ro,nosuid - cgroup2 cgroup rw,nsdelegate");
    write("sys/fs/cgroup/cpu.max", "150000 100000");
    write(
        "sys/fs/cgroup/cpu.stat",
        "usage_usec 5000000\nuser_usec 1\nnr_periods 100\nnr_throttled 7\nthrottled_usec 2500");
    write(
        "sys/fs/cgroup/cpu.pressure",
        "some avg10=12.50 avg60=1.00 avg300=0.00 total=3000000\n"
            + "full avg10=2.00 avg60=0.00 avg300=0.00 total=10");
    write("sys/fs/cgroup/memory.pressure", "some avg10=0.00 avg60=0.00 avg300=0.00 total=0");
    write("proc/pressure/memory", "some avg10=99.00 avg60=0.00 avg300=0.00 total=1");

    ContainerLoad load = container.look();

    assertThat(load.cpus()).isEqualTo(1.5);
    assertThat(load.quota()).isTrue();
    assertThat(load.cpuTime()).contains(Duration.ofSeconds(5));
    assertThat(load.throttling()).contains(new Throttling(100, 7, Duration.ofNanos(2_500_000)));
    assertThat(load.cpuPressure())
        .contains(new Pressure(0.125, 0.02, Duration.ofSeconds(3), false));
    assertThat(load.memoryPressure()).contains(new Pressure(0, 0, Duration.ZERO, false));
  }

  /** The pod's quota is smaller than the container's, and it is the pod that is throttled. */
  @Test
  void theSmallestQuotaOfThoseAroundItHolds() throws IOException {
    write("proc/self/cgroup", "0::/pods/pod1/box");
    write("proc/self/mountinfo", "31 30 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup rw");
    write("sys/fs/cgroup/pods/pod1/box/cpu.max", "max 100000");
    write("sys/fs/cgroup/pods/pod1/box/cpu.stat", "usage_usec 10");
    write("sys/fs/cgroup/pods/pod1/cpu.max", "50000 100000");
    write(
        "sys/fs/cgroup/pods/pod1/cpu.stat",
        "usage_usec 20\nnr_periods 9\nnr_throttled 8\nthrottled_usec 7000");
    write("sys/fs/cgroup/pods/cpu.max", "400000 100000");

    ContainerLoad load = container.look();

    assertThat(load.cpus()).isEqualTo(0.5);
    assertThat(load.throttling()).contains(new Throttling(9, 8, Duration.ofMillis(7)));
    assertThat(load.cpuTime()).contains(Duration.ofNanos(20_000)); // the pod's, as the quota is
  }

  /** Docker with version 1: the group is named as on the machine, and mounted as the root. */
  @Test
  void aContainerOfVersion1() throws IOException {
    write(
        "proc/self/cgroup",
        "5:memory:/docker/abc\n4:cpuacct,cpu:/docker/abc\n1:name=systemd:/docker/abc");
    write(
        "proc/self/mountinfo",
        "30 2 0:27 /docker/abc /sys/fs/cgroup/cpu,cpuacct ro master:11 - cgroup cgroup"
            + " rw,cpu,cpuacct");
    write("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "200000");
    write("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000");
    write(
        "sys/fs/cgroup/cpu,cpuacct/cpu.stat",
        "nr_periods 5\nnr_throttled 4\nthrottled_time 3000000000");
    write("sys/fs/cgroup/cpu,cpuacct/cpuacct.usage", "7000000000");
    write("proc/pressure/cpu", "some avg10=50.00 avg60=0.00 avg300=0.00 total=2000000");

    ContainerLoad load = container.look();

    assertThat(load.cpus()).isEqualTo(2);
    assertThat(load.cpuTime()).contains(Duration.ofSeconds(7));
    assertThat(load.throttling()).contains(new Throttling(5, 4, Duration.ofSeconds(3)));
    assertThat(load.cpuPressure()).contains(new Pressure(0.5, 0, Duration.ofSeconds(2), true));
    assertThat(load.memoryPressure()).isEmpty();
  }

  /** Version 2 for show, without a CPU controller; version 1 with the quota. */
  @Test
  void bothVersions() throws IOException {
    bothVersions("/slice");
    write("sys/fs/cgroup/cpuacct/slice/cpuacct.usage", "1000");

    ContainerLoad load = container.look();

    assertThat(load.cpus()).isEqualTo(0.5);
    assertThat(load.cpuTime()).contains(Duration.ofNanos(1000));
    assertThat(load.cpuPressure()).map(Pressure::ofMachine).contains(false);
  }

  /** What other processes use must not be held against this one's quota. */
  @Test
  void accountsThatAreNotOfTheGroupWithTheQuota() throws IOException {
    bothVersions("/");

    ContainerLoad load = container.look();

    assertThat(load.cpus()).isEqualTo(0.5);
    assertThat(load.cpuTime()).isEmpty();
  }

  private void bothVersions(String accounts) throws IOException {
    write("proc/self/cgroup", "2:cpuacct:" + accounts + "\n1:cpu:/slice\n0::/");
    write(
        "proc/self/mountinfo",
        "31 30 0:28 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
            + "32 30 0:29 / /sys/fs/cgroup/cpuacct rw - cgroup cgroup rw,cpuacct\n"
            + "40 30 0:37 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw");
    write("sys/fs/cgroup/cpu/slice/cpu.cfs_quota_us", "25000");
    write("sys/fs/cgroup/cpu/slice/cpu.cfs_period_us", "50000");
    write("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1");
    write("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000");
    write("sys/fs/cgroup/cpuacct/cpuacct.usage", "5000");
    write("sys/fs/cgroup/unified/cpu.stat", "usage_usec 99");
    write("sys/fs/cgroup/unified/cpu.pressure", "some avg10=1.00 avg60=0.00 avg300=0.00 total=1");
  }

  @Test
  void aNamespaceThatHidesWhereItIs() throws IOException {
    write("proc/self/cgroup", "0::/../../elsewhere");
    write("proc/self/mountinfo", "31 30 0:26 /.. /sys/fs/cg\\040roup rw - cgroup2 cgroup rw");
    write("sys/fs/cg roup/cpu.max", "100000 100000");

    assertThat(container.look().cpus()).isEqualTo(1);
  }

  @Test
  void nothingIsToldWhereThereIsNothing() {
    assertThat(container.look())
        .isEqualTo(
            new ContainerLoad(
                8,
                false,
                Optional.empty(),
                OptionalDouble.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "max",
        "max 100000",
        "0 100000",
        "100000 0",
        "-5 100000",
        "1",
        "a b",
        "1 2 3",
        "1 -1",
        "99999999999999999999 100000",
        "\u0000\u00ff"
      })
  void aQuotaThatIsNone(String max) throws IOException {
    write("proc/self/cgroup", "0::/\nrubbish\n::\n\n:");
    write("proc/self/mountinfo", "rubbish - \n - \n31 30 0:26 / /sys rw - cgroup2 cgroup rw\n\n");
    write("sys/cpu.max", max);
    write("sys/cpu.stat", max);
    write("sys/cpu.pressure", "some avg10=-1 avg60=1 avg300=1 total=1\nfull avg10=1\n" + max);
    write("sys/memory.pressure", "some avg10=NaN avg60=1 avg300=1 total=1\nsome avg10=101 a b c=1");

    ContainerLoad load = container.look();

    assertThat(load.cpus()).isEqualTo(8);
    assertThat(load.quota()).isFalse();
    assertThat(load.cpuTime()).isEmpty();
    assertThat(load.throttling()).isEmpty();
    assertThat(load.cpuPressure()).isEmpty();
    assertThat(load.memoryPressure()).isEmpty();
  }

  @Test
  void utilisationIsOfTheTimeBetweenLooks() throws IOException {
    write("proc/self/cgroup", "0::/");
    write("proc/self/mountinfo", "31 30 0:26 / /sys rw - cgroup2 cgroup rw");
    write("sys/cpu.max", "200000 100000");

    assertThat(at(0, Duration.ZERO).cpuUtilisation()).isEmpty();
    assertThat(at(999, Duration.ofMillis(999)).cpuUtilisation()).isEmpty();
    assertThat(at(2000, Duration.ofMillis(1000)).cpuUtilisation()).hasValue(0.25);
    assertThat(at(2001, Duration.ofMillis(2999)).cpuUtilisation()).hasValue(0.25);
    assertThat(at(3000, Duration.ofMillis(3000)).cpuUtilisation()).hasValue(1);
    // The group was made anew, or the figure has been reset: not less than nothing.
    assertThat(at(5000, Duration.ZERO).cpuUtilisation()).hasValue(0);
  }

  private ContainerLoad at(long millis, Duration used) throws IOException {
    now.set(1 + Duration.ofMillis(millis).toNanos());
    write("sys/cpu.stat", "usage_usec " + used.toNanos() / 1000);
    return container.look();
  }

  private void write(String file, String content) throws IOException {
    Path path = root.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, content + (content.isEmpty() ? "" : "\n"));
  }
}
