package dev.hawser.interop;

import java.io.IOException;
import java.io.OutputStream;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Flow;

/**
 * The bytes of all bodies, in both directions: which they are depends on their position alone, so
 * that a body of any size is made and compared in passing.
 */
final class Content {
  /** A prime: a frame, record or buffer that is lost, repeated or swapped does not go unnoticed. */
  static final int PERIOD = 65_521;

  private static final byte[] PIECE = new byte[PERIOD];

  static {
    new Random(42).nextBytes(PIECE);
  }

  private Content() {}

  /** Some of those that begin at the position, at most so many. */
  private static ByteBuffer at(long position, long most) {
    int from = (int) (position % PERIOD);
    return ByteBuffer.wrap(PIECE, from, (int) Math.min(most, PERIOD - from)).slice();
  }

  /** So many bytes; they take no more memory than one piece. */
  static List<byte[]> pieces(long size) {
    var pieces = new ArrayList<>(Collections.nCopies((int) (size / PERIOD), PIECE));
    pieces.add(Arrays.copyOf(PIECE, (int) (size % PERIOD)));
    return pieces;
  }

  static Path write(Path file, long size) throws IOException {
    try (OutputStream out = Files.newOutputStream(file)) {
      for (byte[] piece : pieces(size)) {
        out.write(piece);
      }
    }
    return file;
  }

  /** Of a response: what {@link Check} says of its body. */
  static BodyHandler<String> checked() {
    return head -> {
      var check = new Check();
      BodySubscriber<Void> each =
          BodySubscribers.fromSubscriber(
              new Flow.Subscriber<List<ByteBuffer>>() {
                @Override
                public void onSubscribe(Flow.Subscription subscription) {
                  subscription.request(Long.MAX_VALUE);
                }

                @Override
                public void onNext(List<ByteBuffer> some) {
                  some.forEach(check::add);
                }

                @Override
                public void onError(Throwable failure) {}

                @Override
                public void onComplete() {}
              });
      return BodySubscribers.mapping(each, nothing -> check.toString());
    };
  }

  /** Compares what comes with what should. */
  static final class Check {
    private long position;
    private long wrongAt = -1;

    void add(ByteBuffer bytes) {
      while (bytes.hasRemaining()) {
        ByteBuffer expected = at(position, bytes.remaining());
        ByteBuffer found = bytes.slice(bytes.position(), expected.remaining());
        int difference = expected.mismatch(found);
        if (difference >= 0 && wrongAt < 0) {
          wrongAt = position + difference;
        }
        position += expected.remaining();
        bytes.position(bytes.position() + expected.remaining());
      }
    }

    @Override
    public String toString() {
      return position + " bytes" + (wrongAt < 0 ? "" : ", wrong at " + wrongAt);
    }
  }
}
