package dev.hawser.cli;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * What a load measured. The last three figures are over the client's life, the warm-up included,
 * since that is when most connections are opened.
 *
 * @param seconds measured
 * @param requests answered
 * @param errors requests that failed
 * @param bytes of bodies
 * @param cpuMicros of the whole process
 * @param latencyMicros of the answered
 * @param statuses how often each status came
 * @param kinds the most frequent errors
 * @param reuseShare of the requests, those on a connection that had carried one before
 */
record LoadResult(
    int callers,
    double seconds,
    long requests,
    long errors,
    long bytes,
    double cpuMicros,
    Histogram latencyMicros,
    Map<Integer, Long> statuses,
    List<ErrorKind> kinds,
    double reuseShare,
    long opened,
    long handshakes,
    long resumed) {
  /** Errors that have their words in common. */
  record ErrorKind(long count, String kind) {}

  /** Of a load that could not begin. */
  static LoadResult notBegun(int callers, Exception why) {
    var kinds = List.of(new ErrorKind(1, Errors.oneLine(why)));
    return new LoadResult(callers, 0, 0, 1, 0, 0, new Histogram(1), Map.of(), kinds, 0, 0, 0, 0);
  }

  double perSecond() {
    return seconds == 0 ? 0 : requests / seconds;
  }

  double bytesPerSecond() {
    return seconds == 0 ? 0 : bytes / seconds;
  }

  double cpuMicrosPerRequest() {
    return requests == 0 ? 0 : cpuMicros / requests;
  }

  /** Processor cores kept busy. */
  double cores() {
    return seconds == 0 ? 0 : cpuMicros / 1e6 / seconds;
  }

  double millisAt(double percentile) {
    return requests == 0 ? 0 : latencyMicros.getValueAtPercentile(percentile) / 1e3;
  }

  double maxMillis() {
    return requests == 0 ? 0 : latencyMicros.getMaxValue() / 1e3;
  }

  Map<String, @Nullable Object> json() {
    var byStatus = new TreeMap<String, Long>();
    statuses.forEach((status, count) -> byStatus.put(status.toString(), count));
    return Json.object(
        "requests", requests,
        "errors", errors,
        "rps", rounded(perSecond()),
        "cpuMicrosPerRequest", rounded(cpuMicrosPerRequest()),
        "p50", millisAt(50),
        "p90", millisAt(90),
        "p99", millisAt(99),
        "max", maxMillis(),
        "connectionsOpened", opened,
        "handshakes", handshakes,
        "resumed", resumed,
        "reuseShare", Math.round(reuseShare * 1e4) / 1e4,
        "callers", callers,
        "seconds", rounded(seconds),
        "bytesPerSecond", Math.round(bytesPerSecond()),
        "statuses", byStatus,
        "errorKinds",
            kinds.stream()
                .map(kind -> Json.object("count", kind.count(), "kind", kind.kind()))
                .toList());
  }

  private static double rounded(double value) {
    return Math.round(value * 100) / 100.0;
  }
}
