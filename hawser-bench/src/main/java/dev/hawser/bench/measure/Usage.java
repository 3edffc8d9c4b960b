package dev.hawser.bench.measure;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What this process has used so far.
 *
 * @param allocated bytes allocated on the heap by all threads, dead ones too. Allocation is counted
 *     per carrier, so virtual threads are included ({@code UsageTest} checks it); direct memory is
 *     not.
 */
record Usage(long nanos, long cpuNanos, long allocated, long compileNanos, long gcMillis) {
  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  static Usage now() {
    return new Usage(
        System.nanoTime(),
        SYSTEM.getProcessCpuTime(),
        THREADS.getTotalThreadAllocatedBytes(),
        compilers(),
        ManagementFactory.getGarbageCollectorMXBeans().stream()
            .mapToLong(GarbageCollectorMXBean::getCollectionTime)
            .sum());
  }

  private static long compilers() {
    long ticks = 0;
    try (DirectoryStream<Path> threads = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
      for (Path thread : threads) {
        ticks += compilerTicks(thread.resolve("stat"));
      }
      return ticks * 10_000_000;
    } catch (IOException e) {
      return ManagementFactory.getCompilationMXBean().getTotalCompilationTime() * 1_000_000;
    }
  }

  private static long compilerTicks(Path stat) {
    try {
      String text = Files.readString(stat);
      if (!text.contains("(C1 Compiler") && !text.contains("(C2 Compiler")) {
        return 0;
      }
      String[] fields = text.substring(text.lastIndexOf(')') + 2).split(" ", -1);
      return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    } catch (IOException e) {
      return 0; // a thread that has just ended: no compiler's, since those stay
    }
  }

  Usage since(Usage start) {
    return new Usage(
        nanos - start.nanos,
        cpuNanos - start.cpuNanos,
        allocated - start.allocated,
        compileNanos - start.compileNanos,
        gcMillis - start.gcMillis);
  }

  double seconds() {
    return nanos / 1e9;
  }

  static void forgetHeapPeaks() {
    ManagementFactory.getMemoryPoolMXBeans().forEach(MemoryPoolMXBean::resetPeakUsage);
  }

  /** The sum of the heap pools' peaks: at least what was in use at once. */
  static double heapPeakMiB() {
    return ManagementFactory.getMemoryPoolMXBeans().stream()
            .filter(pool -> pool.getType() == MemoryType.HEAP)
            .mapToLong(pool -> pool.getPeakUsage().getUsed())
            .sum()
        / 1048576.0;
  }

  /** The most memory this process has ever had resident; 0 where the system does not tell. */
  static double residentPeakMiB() {
    try {
      return Files.readAllLines(Path.of("/proc/self/status")).stream()
          .filter(line -> line.startsWith("VmHWM:"))
          .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024)
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      return 0;
    }
  }
}
