package dev.hawser.lab.child;

import dev.hawser.lab.Texts;
import java.util.List;

/**
 * What became of one call.
 *
 * @param caller who called, from 0
 * @param target which of the task's URIs, from 0
 * @param begun as of {@link System#nanoTime()}, which on one machine is the same clock for all
 *     processes
 * @param ended the same; for a call without an end, when the lab lost its patience
 * @param status 0 if there was none
 * @param server which of the lab's servers answered, and on which of its connections: {@code old/7}
 * @param error the class and the message; empty if there was none
 */
public record Call(
    int caller, int target, long begun, long ended, int status, String server, String error) {
  /** How the error of a call begins that neither came back nor failed. */
  public static final String HUNG = "no answer and no error";

  private static final String TAB = "\t";

  /** Whether a 200 came. */
  public boolean ok() {
    return status == 200 && error.isEmpty();
  }

  /** Whether it did not even fail. */
  public boolean hung() {
    return error.startsWith(HUNG);
  }

  /** How long it took. */
  public double millis() {
    return (ended - begun) / 1e6;
  }

  /** The server's name, without the number of its connection. */
  public String serverName() {
    int slash = server.lastIndexOf('/');
    return slash < 0 ? server : server.substring(0, slash);
  }

  /** Why it failed, if it did: the error, or the status. */
  public String problem() {
    return error.isEmpty() ? "status " + status : error;
  }

  String line(int task) {
    return String.join(
        TAB,
        "CALL",
        Integer.toString(task),
        Integer.toString(caller),
        Integer.toString(target),
        Long.toString(begun),
        Long.toString(ended),
        Integer.toString(status),
        Texts.line(server),
        Texts.line(error));
  }

  /** What {@link #line} wrote, without its first two fields. */
  public static Call parse(List<String> fields) {
    return new Call(
        Integer.parseInt(fields.get(0)),
        Integer.parseInt(fields.get(1)),
        Long.parseLong(fields.get(2)),
        Long.parseLong(fields.get(3)),
        Integer.parseInt(fields.get(4)),
        fields.get(5),
        fields.get(6));
  }
}
