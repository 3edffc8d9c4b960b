package dev.hawser.faults;

import java.io.IOException;
import java.util.List;
import java.util.Locale;

/**
 * One request to an {@link OriginServer} over HTTP/2, for a {@link Behaviour} that wants something
 * else than a good answer.
 *
 * {@snippet :
 * origin.onHttp2(exchange -> {
 *   switch (exchange.target()) {
 *     case "/refused" -> exchange.reset(Http2Error.REFUSED_STREAM);
 *     case "/hints" -> exchange.inform(103, "link", "</a.css>; rel=preload").answer();
 *     case "/crumbs" -> exchange.dataFrames(1).padding(10).answer();
 *     default -> exchange.answer();
 *   }
 * });
 * }
 */
public final class Http2Exchange {
  /** What is done with each request, on a virtual thread of its own. */
  @FunctionalInterface
  public interface Behaviour {
    /** Does it. An IOException means that the client has gone, or has reset the stream. */
    void on(Http2Exchange exchange) throws IOException;
  }

  private final Http2OriginConnection connection;
  private final OriginServer server;
  private final Http2OriginStream stream;
  private final RequestHead head;
  private final Http2Responder responder;

  Http2Exchange(
      Http2OriginConnection connection,
      OriginServer server,
      Http2OriginStream stream,
      RequestHead head) {
    this.connection = connection;
    this.server = server;
    this.stream = stream;
    this.head = head;
    this.responder = new Http2Responder(connection, stream, head.method().equals("HEAD"));
  }

  /** The method. */
  public String method() {
    return head.method();
  }

  /** Path and query. */
  public String target() {
    return head.target();
  }

  /** The values of a header, in order. */
  public List<String> header(String name) {
    return head.field(name.toLowerCase(Locale.ROOT));
  }

  /** The stream. */
  public int stream() {
    return stream.id();
  }

  // How the answer goes

  /** Pads DATA by so many bytes, at most 255. */
  public Http2Exchange padding(int bytes) {
    responder.padding(bytes);
    return this;
  }

  /** Sends header blocks in frames of at most so many bytes: HEADERS and CONTINUATION. */
  public Http2Exchange headerFrames(int bytes) {
    responder.headerPieces(bytes);
    return this;
  }

  /** Sends bodies in frames of at most so many bytes. */
  public Http2Exchange dataFrames(int bytes) {
    responder.dataPieces(bytes);
    return this;
  }

  /** Ends the answer with these trailers. */
  public Http2Exchange trailers(String... namesAndValues) {
    responder.trailers(Http2Field.of(namesAndValues));
    return this;
  }

  /** Sends an interim answer now. */
  public Http2Exchange inform(int status, String... namesAndValues) throws IOException {
    responder.inform(status, Http2Field.of(namesAndValues));
    return this;
  }

  // What the answer is

  /** Answers as the server's paths say. */
  public void answer() throws IOException {
    if (head.expectsContinue() && !head.path().startsWith("/early")) {
      inform(100);
    }
    new OriginRoutes(server).answer(head, stream, responder);
  }

  /** Answers before the request's body is read, and wants no more of it. */
  public void answerEarly(int status) throws IOException {
    responder.begin(status).text("early\n");
  }

  /** Resets the stream, whatever of an answer has been sent. */
  public void reset(Http2Error error) throws IOException {
    connection.reset(stream, error);
  }

  /** Sends the head of an answer and a piece of its body, and resets the stream. */
  public void resetWithinBody(Http2Error error) throws IOException {
    responder.begin(200).length(1000);
    responder.letter(0);
    connection.reset(stream, error);
  }

  /** Does not answer until the client resets the stream, or the connection ends. */
  public void stall() throws IOException {
    stream.awaitReset();
  }

  // For the connection

  void finish() throws IOException {
    responder.finish();
  }

  void refuse(BadRequestException e) throws IOException {
    if (responder.begun()) {
      connection.reset(stream, Http2Error.INTERNAL_ERROR);
    } else {
      responder.begin(e.status()).text(e.getMessage() + "\n");
    }
  }
}
