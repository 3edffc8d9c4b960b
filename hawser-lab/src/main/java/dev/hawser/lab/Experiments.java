package dev.hawser.lab;

import dev.hawser.lab.experiment.Cascade;
import dev.hawser.lab.experiment.DeadAddress;
import dev.hawser.lab.experiment.DnsLayers;
import dev.hawser.lab.experiment.DnsOutage;
import dev.hawser.lab.experiment.Http2GoAway;
import dev.hawser.lab.experiment.IdleClose;
import dev.hawser.lab.experiment.Leak;
import dev.hawser.lab.experiment.NoReuse;
import dev.hawser.lab.experiment.Restart;
import dev.hawser.lab.experiment.Rotation;
import dev.hawser.lab.experiment.Sizing;
import dev.hawser.lab.experiment.SlowPeer;
import dev.hawser.lab.experiment.StaleDns;
import dev.hawser.lab.experiment.TlsHerd;
import dev.hawser.lab.experiment.TlsSlow;
import dev.hawser.lab.experiment.TlsStall;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** All experiments. */
public final class Experiments {
  private static final List<Experiment> ALL =
      List.of(
          new IdleClose(),
          new NoReuse(),
          new Leak(),
          new Sizing(),
          new Cascade(),
          new StaleDns(),
          new DnsLayers(),
          new DnsOutage(),
          new TlsHerd(),
          new TlsStall(),
          new TlsSlow(),
          new Rotation(),
          new DeadAddress(),
          new Http2GoAway(),
          new SlowPeer(),
          new Restart());

  /** What is met most often. */
  private static final Set<String> QUICK =
      Set.of("idle-close", "stale-dns", "tls-herd", "tls-stall", "dead-address", "restart");

  private Experiments() {}

  /** All of them, in the order in which they are run. */
  public static List<Experiment> all() {
    return ALL;
  }

  /** The quick set: two minutes in the quick form. */
  public static List<Experiment> quick() {
    return ALL.stream().filter(experiment -> QUICK.contains(experiment.id())).toList();
  }

  /** The one of this name. */
  public static Optional<Experiment> of(String id) {
    return ALL.stream().filter(experiment -> experiment.id().equals(id)).findFirst();
  }
}
