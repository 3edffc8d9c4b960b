package dev.hawser.lab;

import dev.hawser.lab.client.Client;
import dev.hawser.lab.client.Setup;

/** Who is looked at: a client, and how it is set up. */
public record Subject(Client client, Setup setup) {
  /** For tables: the client, and the set-up where it is not the defaults. */
  public String title() {
    return client.title()
        + switch (setup) {
          case DEFAULTS -> "";
          case BEST -> ", set up for this";
          case BARE -> ", as it comes";
        };
  }

  /** Whether it is ours. */
  public boolean ours() {
    return client == Client.HAWSER;
  }

  /** Whether it is ours, set up as we say that it is to be. */
  public boolean judged() {
    return ours() && setup != Setup.BARE;
  }
}
