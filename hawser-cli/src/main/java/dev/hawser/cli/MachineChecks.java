package dev.hawser.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What of this machine limits a client. */
final class MachineChecks {
  /** The default of many shells, too few for a gateway: one for each connection, file and pipe. */
  private static final long FEW_DESCRIPTORS = 4_096;

  /** A quarter of Linux's default range. */
  private static final int FEW_PORTS = 7_000;

  private static final Path PORT_RANGE = Path.of("/proc/sys/net/ipv4/ip_local_port_range");

  private MachineChecks() {}

  static List<Check> all() {
    return List.of(descriptors(), ports(), processors());
  }

  private static Check descriptors() {
    String id = "machine.descriptors";
    if (!(ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix)) {
      return Check.skip(id, "this system does not tell");
    }
    long most = unix.getMaxFileDescriptorCount();
    String found = "a process may open " + most;
    return most < FEW_DESCRIPTORS
        ? Check.warn(
            id,
            found,
            "each connection takes one; without any left, even look-ups fail",
            "Raise it for the service: LimitNOFILE of systemd, ulimits of a container, ulimit -n")
        : Check.ok(id, found);
  }

  private static Check ports() {
    String id = "machine.ports";
    try (var in = Files.newInputStream(PORT_RANGE)) {
      // In one read: what the kernel makes up ends with the first.
      String[] range = new String(in.readNBytes(100), US_ASCII).strip().split("\\s+");
      int count = Integer.parseInt(range[1]) - Integer.parseInt(range[0]) + 1;
      String found = count + " for connections to one address (" + String.join("-", range) + ")";
      return count < FEW_PORTS
          ? Check.warn(
              id,
              found,
              "a closed connection keeps its port for a minute",
              "Widen net.ipv4.ip_local_port_range, and reuse connections")
          : Check.ok(id, found);
    } catch (IOException | RuntimeException e) {
      return Check.skip(id, PORT_RANGE + " cannot be read");
    }
  }

  private static Check processors() {
    int count = Runtime.getRuntime().availableProcessors();
    String found = "the JVM sees " + count;
    return count == 1
        ? Check.warn(
            "machine.processors",
            found,
            "handshakes and requests take turns; a container's limit below two cores counts as one",
            "Give it two, or set -XX:ActiveProcessorCount")
        : Check.ok("machine.processors", found);
  }
}
