package dev.hawser.cli;

import dev.hawser.ClientSnapshot.Counters;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** Counts what many callers see, in memory that does not grow with what they see. */
final class Tally {
  private static final long LONGEST_MICROS = TimeUnit.HOURS.toMicros(1);
  private static final int DIGITS = 3;
  private static final int ERROR_KINDS = 100; // told apart
  private static final int SHOWN_KINDS = 3;

  private final Histogram latencyMicros = new ConcurrentHistogram(LONGEST_MICROS, DIGITS);
  private final LongAdder requests = new LongAdder();
  private final LongAdder bytes = new LongAdder();
  private final LongAdder errors = new LongAdder();
  private final ConcurrentMap<Integer, LongAdder> statuses = new ConcurrentHashMap<>();
  private final ConcurrentMap<String, LongAdder> kinds = new ConcurrentHashMap<>();

  void answered(long nanos, int status, long bodyBytes) {
    latencyMicros.recordValue(Math.min(LONGEST_MICROS, nanos / 1_000));
    requests.increment();
    bytes.add(bodyBytes);
    LongAdder same = statuses.get(status);
    (same == null ? statuses.computeIfAbsent(status, any -> new LongAdder()) : same).increment();
  }

  void failed(Throwable error) {
    errors.increment();
    String kind = Errors.kind(error);
    if (kinds.size() >= ERROR_KINDS && !kinds.containsKey(kind)) {
      kind = "others";
    }
    kinds.computeIfAbsent(kind, any -> new LongAdder()).increment();
  }

  long requests() {
    return requests.sum();
  }

  LoadResult result(
      int callers, double seconds, double cpuMicros, double reuseShare, Counters counters) {
    SortedMap<Integer, Long> byStatus = new TreeMap<>();
    statuses.forEach((status, count) -> byStatus.put(status, count.sum()));
    List<LoadResult.ErrorKind> topKinds =
        kinds.entrySet().stream()
            .map(entry -> new LoadResult.ErrorKind(entry.getValue().sum(), entry.getKey()))
            .sorted(Comparator.comparingLong(LoadResult.ErrorKind::count).reversed())
            .limit(SHOWN_KINDS)
            .toList();
    return new LoadResult(
        callers,
        seconds,
        requests.sum(),
        errors.sum(),
        bytes.sum(),
        cpuMicros,
        latencyMicros.copy(),
        Map.copyOf(byStatus),
        topKinds,
        reuseShare,
        counters.opened(),
        counters.handshakes(),
        counters.resumed());
  }
}
