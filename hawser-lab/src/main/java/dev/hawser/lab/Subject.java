package dev.hawser.lab;

import dev.hawser.lab.client.Client;
import dev.hawser.lab.client.Setup;

/** Who is looked at: a client, and how it is set up. */
public record Subject(Client client, Setup setup) {
  /** For tables: the client, and the set-up where it is not the defaults. */
  public String title() {
    return client.title() + (setup == Setup.DEFAULTS ? "" : ", set up for this");
  }

  /** Whether it is ours. */
  public boolean ours() {
    return client == Client.HAWSER;
  }
}
