package dev.hawser.dns;

import java.io.IOException;
import org.xbill.DNS.Message;

/** A way to put queries to one server. Many threads may use it at once. */
interface Exchanger {
  /** Returns the answer to this query; blocks until the deadline at most. */
  Message ask(Message query, long deadline) throws IOException, InterruptedException;

  /** Gives up what it keeps open between queries. */
  default void close() {}
}
