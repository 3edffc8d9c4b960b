package dev.hawser;

import java.io.FileNotFoundException;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.Flow;

/**
 * A request's body with the content of a file. It is what {@link BodyPublishers#ofFile} is, for any
 * client; and over http, without TLS, Hawser has the kernel send it (sendfile), so that the bytes
 * do not come into the JVM: at a third of the CPU. May be used for several requests.
 *
 * {@snippet class="dev.hawser.examples.Calls" region="file"}
 */
public final class FileBody implements BodyPublisher {
  private final Path path;
  private final BodyPublisher publisher;

  private FileBody(Path path) throws FileNotFoundException {
    this.path = path;
    this.publisher = BodyPublishers.ofFile(path); // checks that it is there
  }

  /**
   * Returns the body.
   *
   * @param path must be there, and keep its length while it is sent: else the call fails
   * @return the body, of the length that the file has now
   * @throws FileNotFoundException if it is not there
   */
  public static FileBody of(Path path) throws FileNotFoundException {
    return new FileBody(path);
  }

  /** {@return the file} */
  public Path path() {
    return path;
  }

  @Override
  public long contentLength() {
    return publisher.contentLength();
  }

  @Override
  public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
    publisher.subscribe(subscriber);
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
