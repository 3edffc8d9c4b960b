package dev.hawser.http2;

/**
 * The streams that the peer opens, to push responses (RFC 9113 8.4). It may do so once a request
 * has gone out whose caller takes pushes; until then, none is allowed. Guarded by the connection's
 * lock.
 */
final class Pushes {
  /** At once, reserved ones included, which RFC 9113 5.1.2 does not count. */
  static final int MOST = 100;

  final Resets resets = new Resets();
  private boolean allowed;
  private int last; // the highest id that was promised
  private int live; // reserved or open

  /** Whether the peer has to be told, which is done now, that it may push. */
  boolean allow() {
    boolean news = !allowed;
    allowed = true;
    return news;
  }

  boolean allowed() {
    return allowed;
  }

  /** The highest id that was promised; 0: none was. */
  int last() {
    return last;
  }

  /** Notes a promise; false if its id is not one that the peer may use now (RFC 9113 5.1.1). */
  boolean promised(int id) {
    boolean good = (id & 1) == 0 && id > last;
    last = good ? id : last;
    return good;
  }

  boolean full() {
    return live >= MOST;
  }

  void reserved() {
    live++;
  }

  void ended() {
    live--;
  }

  int live() {
    return live;
  }
}
