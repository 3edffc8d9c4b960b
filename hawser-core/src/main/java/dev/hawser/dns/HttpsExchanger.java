package dev.hawser.dns;

import dev.hawser.io.Ticker;
import java.io.IOException;
import java.time.Duration;
import org.xbill.DNS.Message;

/** DNS over HTTPS (RFC 8484), through a client of our own. */
final class HttpsExchanger implements Exchanger {
  /** Sends a query by POST and returns the body of its answer; the seam to the client. */
  @FunctionalInterface
  interface Post {
    byte[] send(byte[] query, Duration timeout) throws IOException, InterruptedException;
  }

  private final Post post;
  private final Ticker ticker;

  HttpsExchanger(Post post, Ticker ticker) {
    this.post = post;
    this.ticker = ticker;
  }

  @Override
  public Message ask(Message query, long deadline) throws IOException, InterruptedException {
    var timeout = Duration.ofMillis(UdpExchanger.millisLeft(deadline, ticker));
    byte[] body = post.send(query.toWire(), timeout);
    Message answer = Messages.answer(body, body.length, query);
    if (answer == null) {
      throw new IOException("its answer is not one to the query");
    }
    return answer;
  }
}
