package dev.hawser.lab.child;

import dev.hawser.lab.client.Client;
import dev.hawser.lab.client.Settings;
import java.io.Serializable;

/** What is said to a client's process, as a Java object on its standard input. */
public sealed interface Order extends Serializable {
  /**
   * The first: which client to be.
   *
   * @param dns whom Hawser and Vert.x ask for names; the JVM's resolver is told by {@link LabNames}
   */
  record Begin(Client client, Settings settings, String dns) implements Order {}

  /** To begin a task. */
  record Run(int number, Task task) implements Order {}

  /** To tell what the client knows of a name's addresses. */
  record Ask(int number, String host) implements Order {}

  /** To collect garbage, as happens in any service after a while. */
  record CollectGarbage() implements Order {}
}
