package dev.hawser.lab;

import dev.hawser.lab.experiment.DeadAddress;
import dev.hawser.lab.experiment.DnsOutage;
import dev.hawser.lab.experiment.Http2GoAway;
import dev.hawser.lab.experiment.IdleClose;
import dev.hawser.lab.experiment.NoReuse;
import dev.hawser.lab.experiment.Restart;
import dev.hawser.lab.experiment.SlowPeer;
import dev.hawser.lab.experiment.StaleDns;
import dev.hawser.lab.experiment.TlsStall;
import java.util.List;
import java.util.Optional;

/** All experiments. */
public final class Experiments {
  private static final List<Experiment> ALL =
      List.of(
          new IdleClose(),
          new NoReuse(),
          new StaleDns(),
          new TlsStall(),
          new SlowPeer(),
          new DeadAddress(),
          new DnsOutage(),
          new Restart(),
          new Http2GoAway());

  private Experiments() {}

  /** All of them, in the order in which they are run. */
  public static List<Experiment> all() {
    return ALL;
  }

  /** The one of this name. */
  public static Optional<Experiment> of(String id) {
    return ALL.stream().filter(experiment -> experiment.id().equals(id)).findFirst();
  }
}
