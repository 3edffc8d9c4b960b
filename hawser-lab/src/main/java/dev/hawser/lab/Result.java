package dev.hawser.lab;

import java.time.Duration;
import java.util.List;

/**
 * What came of one experiment with one client.
 *
 * @param set what was set beyond the client's defaults, in its words
 */
public record Result(
    Experiment experiment,
    Subject subject,
    List<String> set,
    Figures figures,
    Verdict verdict,
    Duration took) {}
