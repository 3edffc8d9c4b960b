package dev.hawser.lab.experiment;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Peer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** A server of the lab's own that knows PING, GET and SET. It is no measure of the real one. */
final class SmallRedis implements RedisServer {
  private static final int MOST_KEYS = 10_000;
  private static final int MOST_WORDS = 16;
  private static final int MOST_BYTES = 4_096; // of a word

  private final Map<String, String> values = new ConcurrentHashMap<>();
  private final String because;
  private final FaultServer server;

  private SmallRedis(String because) throws IOException {
    this.because = because;
    this.server = FaultServer.start(this::serve);
  }

  /** Starts one, and says why it is not the real one. */
  static SmallRedis start(String because) throws IOException {
    return new SmallRedis(because);
  }

  private void serve(Peer peer) throws IOException {
    while (true) {
      List<String> words = command(peer);
      peer.send(answer(words.getFirst().toUpperCase(Locale.ROOT), words));
    }
  }

  private static List<String> command(Peer peer) throws IOException {
    int count = number(peer, '*', MOST_WORDS);
    var words = new ArrayList<String>();
    for (int i = 0; i < count; i++) {
      byte[] word = peer.readExactly(number(peer, '$', MOST_BYTES));
      words.add(new String(word, StandardCharsets.UTF_8));
      peer.readLine();
    }
    return words;
  }

  private static int number(Peer peer, char sign, int most) throws IOException {
    String line = peer.readLine();
    if (line.matches("[" + sign + "][0-9]{1,5}")) {
      int number = Integer.parseInt(line.substring(1));
      if (number > 0 && number <= most) {
        return number;
      }
    }
    throw new IOException("this is no command: " + line);
  }

  private String answer(String name, List<String> words) {
    return switch (name + words.size()) {
      case "PING1" -> "+PONG\r\n";
      case "GET2" -> string(values.get(words.get(1)));
      case "SET3" -> {
        if (values.size() < MOST_KEYS) {
          values.put(words.get(1), words.get(2));
        }
        yield "+OK\r\n";
      }
      default -> "-ERR unknown command\r\n";
    };
  }

  private static String string(@Nullable String value) {
    return value == null ? "$-1\r\n" : "$" + value.length() + "\r\n" + value + "\r\n";
  }

  @Override
  public int port() {
    return server.port();
  }

  @Override
  public String says() {
    return "a small server of the lab's own that speaks Redis' protocol: " + because;
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
