package dev.hawser.lab.child;

import dev.hawser.lab.Texts;
import dev.hawser.lab.client.LabClient;
import dev.hawser.lab.client.Said;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * The process of one client. Takes {@link Order}s from standard input, and tells in lines of
 * fields, which tabs separate: {@code READY} with what was set, {@code CALL} for each call as it
 * ends, {@code DONE} for a task, {@code SAID} with what the client knows of a name. Ends at once
 * when standard input does: so it never outlives who started it.
 */
public final class ClientMain {
  private ClientMain() {}

  /** Runs until standard input ends. */
  public static void main(String[] arguments) throws Exception {
    var output = new FileOutputStream(FileDescriptor.out);
    var out =
        new PrintStream(new BufferedOutputStream(output, 1 << 16), false, StandardCharsets.UTF_8);
    System.setOut(System.err); // what clients print is no answer of ours
    try (var in = new ObjectInputStream(System.in)) {
      LabClient client = begin(in, out);
      while (in.readObject() instanceof Order order) {
        switch (order) {
          case Order.Run run -> new TaskRun(client, run.task(), run.number(), out).start();
          case Order.Ask ask ->
              Thread.ofPlatform().daemon().name("lab-ask").start(() -> tell(client, ask, out));
          case Order.CollectGarbage _ -> System.gc();
          case Order.Begin _ -> throw new IllegalStateException("it has begun");
        }
      }
    } catch (EOFException e) {
      // The lab has ended, or has no more use for this.
    } finally {
      Runtime.getRuntime().halt(0); // whatever hangs
    }
  }

  private static LabClient begin(ObjectInputStream in, PrintStream out)
      throws IOException, ClassNotFoundException {
    if (!(in.readObject() instanceof Order.Begin begin)) {
      throw new IOException("the first order says who to be");
    }
    var said = new Said();
    LabClient client = begin.client().open(begin.settings(), begin.dns(), said);
    out.println("READY\t" + String.join("\t", said.all()));
    out.flush();
    return client;
  }

  /** Who cannot be asked says so, too. */
  private static void tell(LabClient client, Order.Ask ask, PrintStream out) {
    var line = new StringBuilder("SAID\t").append(ask.number());
    try {
      client
          .addressesBySource(ask.host())
          .forEach(said -> line.append('\t').append(Texts.line(said)));
    } catch (Exception e) {
      line.append('\t').append(Texts.line(e.toString()));
    }
    synchronized (out) {
      out.println(line);
      out.flush();
    }
  }
}
