package dev.hawser.faults;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Answers on one stream, within the client's windows. Used by the stream's thread only. */
final class Http2Responder implements Responder {
  private static final byte[] NOTHING = new byte[0];
  private static final int LARGEST_PIECE = 16_384; // every client takes a frame of this

  private final Http2OriginConnection connection;
  private final Http2OriginStream stream;
  private final boolean head;
  private final List<Http2Field> fields = new ArrayList<>();
  private List<Http2Field> trailers = List.of();
  private int headerPiece = LARGEST_PIECE;
  private int dataPiece = LARGEST_PIECE;
  private int padding = -1;
  private boolean bodiless;
  private boolean begun;
  private boolean ended;

  Http2Responder(Http2OriginConnection connection, Http2OriginStream stream, boolean head) {
    this.connection = connection;
    this.stream = stream;
    this.head = head;
  }

  // How, for those who want it odd

  void headerPieces(int bytes) {
    headerPiece = bytes;
  }

  void dataPieces(int bytes) {
    dataPiece = bytes;
  }

  void padding(int bytes) {
    padding = bytes;
  }

  void trailers(List<Http2Field> trailers) {
    this.trailers = trailers;
  }

  boolean begun() {
    return begun;
  }

  void inform(int status, List<Http2Field> fields) throws IOException {
    var all = new ArrayList<>(Http2Field.of(":status", Integer.toString(status)));
    all.addAll(fields);
    connection.output().headers(stream.id(), 0, all, headerPiece);
  }

  // What

  @Override
  public Responder begin(int status, boolean closing) throws IOException {
    if (closing && stream.hasWholeRequest()) {
      connection.goAway(); // what else would end with this answer is only the stream
    }
    bodiless = head || status == 204 || status == 304;
    fields.clear();
    fields.addAll(Http2Field.of(":status", Integer.toString(status), "date", HttpDate.now()));
    return this;
  }

  @Override
  public Responder field(String name, String value) {
    fields.add(new Http2Field(name.toLowerCase(Locale.ROOT), value));
    return this;
  }

  @Override
  public void body(byte[] body) throws IOException {
    field("content-length", Integer.toString(body.length));
    sendHead(body.length == 0);
    send(body, 0, body.length, true);
  }

  @Override
  public void nothing() throws IOException {
    sendHead(true);
  }

  @Override
  public void letters(long count) throws IOException {
    field("content-length", Long.toString(count));
    sendHead(count == 0);
    for (long sent = 0; sent < count && !ended; ) {
      int phase = (int) (sent % 26);
      int piece = (int) Math.min(count - sent, Letters.BLOCK.length - phase);
      sent += piece;
      send(Letters.BLOCK, phase, piece, sent == count);
    }
  }

  @Override
  public void length(long count) throws IOException {
    field("content-length", Long.toString(count));
    sendHead(count == 0);
  }

  @Override
  public void letter(long position) throws IOException {
    send(Letters.BLOCK, (int) (position % 26), 1, false);
  }

  @Override
  public void chunks() throws IOException {
    sendHead(false);
  }

  @Override
  public void letterChunks(long count, int chunk) throws IOException {
    for (long sent = 0; sent < count && !ended; ) {
      int piece = (int) Math.min(chunk, count - sent);
      send(Letters.BLOCK, (int) (sent % 26), piece, false);
      sent += piece;
    }
  }

  @Override
  public void chunk(byte[] bytes, int offset, int count) throws IOException {
    send(bytes, offset, count, false);
  }

  @Override
  public void lastChunk(String lines) throws IOException {
    var more = new ArrayList<>(trailers);
    lines
        .lines()
        .map(line -> line.split(": *", 2))
        .forEach(pair -> more.add(new Http2Field(pair[0].toLowerCase(Locale.ROOT), pair[1])));
    trailers = more;
    finish();
  }

  @Override
  public void flush() {
    // The connection's writer does it.
  }

  /** Ends the stream if that has not happened with the last piece. */
  void finish() throws IOException {
    if (!begun || ended) {
      return;
    }
    ending();
    if (trailers.isEmpty()) {
      connection.output().data(stream.id(), Http2Frame.END_STREAM, NOTHING, 0, 0, -1);
    } else {
      connection.output().headers(stream.id(), Http2Frame.END_STREAM, trailers, headerPiece);
    }
  }

  private void sendHead(boolean empty) throws IOException {
    begun = true;
    boolean last = bodiless || empty && trailers.isEmpty();
    if (last) {
      ending();
    }
    int flags = last ? Http2Frame.END_STREAM : 0;
    connection.output().headers(stream.id(), flags, fields, headerPiece);
  }

  private void send(byte[] bytes, int offset, int count, boolean last) throws IOException {
    int around = padding < 0 ? 0 : 1 + padding; // counts in the windows too
    for (int sent = 0; sent < count && !ended; ) {
      int piece = Math.min(count - sent, dataPiece);
      int reserved = connection.reserve(stream, piece + around);
      boolean padded = reserved > around; // a window that is too small for it takes no padding
      piece = Math.min(piece, padded ? reserved - around : reserved);
      connection.giveUp(stream, reserved - piece - (padded ? around : 0));
      boolean end = last && sent + piece == count && trailers.isEmpty();
      if (end) {
        ending();
      }
      connection
          .output()
          .data(
              stream.id(),
              end ? Http2Frame.END_STREAM : 0,
              bytes,
              offset + sent,
              piece,
              padded ? padding : -1);
      sent += piece;
    }
  }

  private void ending() {
    ended = true;
    connection.answerEnds(stream);
  }
}
