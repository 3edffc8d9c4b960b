package dev.hawser.lab;

import dev.hawser.lab.client.Client;
import dev.hawser.lab.client.Settings;
import dev.hawser.lab.report.Chart;
import java.time.Duration;
import java.util.List;

/**
 * A question to clients, and how its answer is judged. The same code runs with each of them, and
 * the same rule judges all.
 *
 * <p>To add one: a class in {@code dev.hawser.lab.experiment}, a line in {@link Experiments}, and
 * {@code docs/experiments.md} written anew by its test.
 */
public interface Experiment {
  /** Its name on the command line, in kebab case. */
  String id();

  /** In a few words. */
  String title();

  /** One paragraph for a reader who knows nothing: what happens in production, and why. */
  String story();

  /** What a good client does; one sentence. */
  String hypothesis();

  /** When a client has held, in words: what {@link #verdict} computes. */
  String rule();

  /** What can be turned. */
  List<Parameter<?>> parameters();

  /** What all clients are given beyond their defaults, where it could not be made without. */
  default Settings needed(Scale scale) {
    return Settings.NONE;
  }

  /**
   * The same of one client, where that is not the same for all. It is looked at without that, too.
   */
  default Settings needed(Scale scale, Client client) {
    return needed(scale);
  }

  /** What clients are given in their documented best set-up; what is needed is part of it. */
  Settings best(Scale scale);

  /** How long it takes, about, with the clients that are looked at side by side. */
  Duration takes(Scale scale);

  /** Whether it can be made with this client. */
  default boolean suits(Client client) {
    return true;
  }

  /** How many clients are looked at side by side; one, if they would disturb each other. */
  default int sideBySide() {
    return 5;
  }

  /** Looks at one client. What it starts it gives the trial to {@linkplain Trial#keep keep}. */
  Figures run(Trial trial) throws Exception;

  /** Judges figures. */
  Verdict verdict(Figures figures);

  /** Draws what was found. */
  List<Chart> charts(Scale scale, List<Result> results);

  /** What would make Hawser fail. */
  Mutation mutation();
}
