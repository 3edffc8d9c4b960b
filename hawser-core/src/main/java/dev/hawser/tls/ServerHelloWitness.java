package dev.hawser.tls;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Optional;

/**
 * What a server says in clear of what was agreed on: the group of the key agreement, of which the
 * JDK's sessions know nothing, and whether a session was resumed, of which libraries' sessions
 * differ in what they tell. It says the group before it begins to encrypt: in TLS 1.3 in the
 * key_share of its ServerHello (RFC 8446 4.2.8), in TLS 1.2 in its ServerKeyExchange (RFC 8422
 * 5.4). This reads beside the engine and has no say in the handshake: what it does not understand
 * ends it, and then nothing is known.
 *
 * <pre>
 *               ┌─ a HelloRetryRequest, once
 *               ▼  │
 *            BEFORE_HELLO ── ServerHello of 1.3, with a key_share ──▶ AGREED
 *               │     └── without one, or anything else ──▶ NOTHING     ▲
 *   ServerHello of 1.2                                      ▲           │
 *               ▼                                           │           │
 *       BEFORE_KEY_EXCHANGE ── anything else ───────────────┘           │
 *               └── ServerKeyExchange ──────────────────────────────────┘
 * </pre>
 *
 * For the thread that reads.
 */
final class ServerHelloWitness {
  private enum State {
    BEFORE_HELLO,
    BEFORE_KEY_EXCHANGE,
    AGREED,
    NOTHING
  }

  private enum Resumption {
    UNKNOWN,
    RESUMED,
    FULL
  }

  private static final int CHANGE_CIPHER_SPEC = 20;
  private static final int ALERT = 21;
  private static final int HANDSHAKE = 22;
  private static final int LONGEST_RECORD = 1 << 14; // in clear (RFC 8446 5.1)

  private static final int SERVER_HELLO = 2;
  private static final int NEW_SESSION_TICKET = 4;
  private static final int CERTIFICATE = 11;
  private static final int SERVER_KEY_EXCHANGE = 12;
  private static final int CERTIFICATE_STATUS = 22;

  /** With a hybrid post-quantum share it takes 1,200 bytes. */
  private static final int LONGEST_HELLO = 4_096;

  /** The curve's type and number; the rest of a ServerKeyExchange is of no interest. */
  private static final int CURVE_BYTES = 3;

  private static final int NAMED_CURVE = 3;
  private static final int SUPPORTED_VERSIONS = 43;
  private static final int PRE_SHARED_KEY = 41;
  private static final int KEY_SHARE = 51;
  private static final int TLS_1_3 = 0x0304;
  private static final int RANDOM_BYTES = 32;
  private static final int UNKNOWN = -1;

  /** In place of the random of a HelloRetryRequest (RFC 8446 4.1.3). */
  private static final ByteBuffer RETRY =
      ByteBuffer.wrap(
              HexFormat.of()
                  .parseHex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c"))
          .asReadOnlyBuffer();

  private State state = State.BEFORE_HELLO;
  private boolean retried;
  private int group = UNKNOWN;
  private Resumption resumption = Resumption.UNKNOWN;
  private boolean answered; // with a ServerHello
  private int minor = UNKNOWN; // version of a ServerHello up to TLS 1.2

  private final ByteBuffer recordHeader = ByteBuffer.allocate(5);
  private int leftInRecord;
  private final ByteBuffer messageHeader = ByteBuffer.allocate(4);
  private int leftInMessage;
  private ByteBuffer kept = ByteBuffer.allocate(0); // of the message, what is of interest

  /** Reads what the server sent next, a piece of any size; leaves the buffer as it is. */
  void heard(ByteBuffer received) {
    ByteBuffer bytes = received.duplicate();
    while (listens() && bytes.hasRemaining()) {
      if (recordHeader.hasRemaining()) {
        recordHeader.put(bytes.get());
        if (!recordHeader.hasRemaining()) {
          beginRecord();
        }
      } else {
        int before = bytes.remaining();
        ByteBuffer content = vector(bytes, Math.min(leftInRecord, before));
        leftInRecord -= content.remaining();
        if (recordHeader.get(0) == HANDSHAKE) {
          messages(content);
        }
        if (leftInRecord == 0) {
          recordHeader.clear();
        }
      }
    }
  }

  private boolean listens() {
    return state == State.BEFORE_HELLO || state == State.BEFORE_KEY_EXCHANGE;
  }

  private void beginRecord() {
    leftInRecord = Short.toUnsignedInt(recordHeader.getShort(3));
    boolean betweenMessages = messageHeader.position() == 0;
    boolean inClear =
        switch (recordHeader.get(0)) {
          case HANDSHAKE -> leftInRecord > 0 && leftInRecord <= LONGEST_RECORD;
          case ALERT -> leftInRecord == 2 && betweenMessages; // a warning, as of an unknown name
          // For middleboxes, after a HelloRetryRequest (RFC 8446 D.4). Else the clear text ends.
          case CHANGE_CIPHER_SPEC ->
              leftInRecord == 1 && betweenMessages && retried && state == State.BEFORE_HELLO;
          default -> false;
        };
    if (!inClear || recordHeader.get(1) != 3) {
      if (recordHeader.get(0) == CHANGE_CIPHER_SPEC) {
        resumedIfNoCertificateCame();
      }
      state = State.NOTHING;
    }
  }

  private void messages(ByteBuffer content) {
    while (listens() && content.hasRemaining()) {
      if (messageHeader.hasRemaining()) {
        messageHeader.put(content.get());
        if (!messageHeader.hasRemaining()) {
          beginMessage(messageHeader.get(0), messageHeader.getInt(0) & 0xffffff);
        }
      } else {
        ByteBuffer body = vector(content, Math.min(leftInMessage, content.remaining()));
        leftInMessage -= body.remaining();
        kept.put(vector(body, Math.min(kept.remaining(), body.remaining())));
      }
      if (!messageHeader.hasRemaining() && leftInMessage == 0) {
        endMessage(messageHeader.get(0));
        messageHeader.clear();
      }
    }
  }

  private void beginMessage(int type, int length) {
    leftInMessage = length;
    boolean hello = state == State.BEFORE_HELLO;
    int interest =
        switch (type) {
          case SERVER_HELLO -> hello && length <= LONGEST_HELLO ? length : UNKNOWN;
          case SERVER_KEY_EXCHANGE -> hello ? UNKNOWN : Math.min(length, CURVE_BYTES);
          case CERTIFICATE, CERTIFICATE_STATUS -> hello ? UNKNOWN : 0;
          default -> UNKNOWN; // with a resumed session in TLS 1.2 no ServerKeyExchange comes
        };
    if (type == CERTIFICATE && !hello) {
      resumption = Resumption.FULL;
    }
    if (interest == UNKNOWN) {
      if (type == NEW_SESSION_TICKET) {
        resumedIfNoCertificateCame();
      }
      state = State.NOTHING;
    } else {
      kept = ByteBuffer.allocate(interest);
    }
  }

  /** In TLS 1.2 (RFC 5246 7.3, RFC 5077 3.3). */
  private void resumedIfNoCertificateCame() {
    if (state == State.BEFORE_KEY_EXCHANGE && resumption == Resumption.UNKNOWN) {
      resumption = Resumption.RESUMED;
    }
  }

  private void endMessage(int type) {
    try {
      switch (type) {
        case SERVER_HELLO -> hello(kept.flip());
        case SERVER_KEY_EXCHANGE -> keyExchange(kept.flip());
        default -> {}
      }
    } catch (BufferUnderflowException e) { // lengths that do not fit each other
      state = State.NOTHING;
    }
  }

  private void hello(ByteBuffer hello) {
    boolean sound = hello.get() == 3; // major version
    minor = hello.get();
    boolean retry = vector(hello, RANDOM_BYTES).equals(RETRY);
    vector(hello, Byte.toUnsignedInt(hello.get())); // session id
    hello.getShort(); // suite
    hello.get(); // compression
    ByteBuffer extensions =
        hello.hasRemaining() ? vector(hello, unsigned(hello)) : ByteBuffer.allocate(0);
    int version = UNKNOWN;
    int share = UNKNOWN;
    boolean psk = false;
    while (extensions.hasRemaining()) {
      int type = unsigned(extensions);
      ByteBuffer body = vector(extensions, unsigned(extensions));
      switch (type) {
        case SUPPORTED_VERSIONS -> version = unsigned(body);
        case PRE_SHARED_KEY -> {
          psk = true;
          body.position(body.limit());
        }
        case KEY_SHARE -> {
          share = unsigned(body);
          if (!retry) {
            vector(body, unsigned(body)); // the key
          }
        }
        default -> body.position(body.limit());
      }
      sound &= !body.hasRemaining();
    }
    sound &= !hello.hasRemaining();
    if (sound && version == TLS_1_3) {
      afterHello(retry, share, psk);
    } else {
      answered = sound && version == UNKNOWN;
      state = sound && version == UNKNOWN && !retried ? State.BEFORE_KEY_EXCHANGE : State.NOTHING;
    }
  }

  /** Without a share, keys come of the resumed session alone (psk_ke, RFC 8446 4.2.9). */
  private void afterHello(boolean retry, int share, boolean psk) {
    if (!retry) {
      answered = true;
      resumption = psk ? Resumption.RESUMED : Resumption.FULL;
    }
    if (retry && !retried) {
      retried = true;
    } else if (!retry && share != UNKNOWN) {
      group = share;
      state = State.AGREED;
    } else {
      state = State.NOTHING;
    }
  }

  private void keyExchange(ByteBuffer parameters) {
    state = State.AGREED;
    group = parameters.get() == NAMED_CURVE ? unsigned(parameters) : UNKNOWN;
  }

  private static int unsigned(ByteBuffer bytes) {
    return Short.toUnsignedInt(bytes.getShort());
  }

  /** Takes the next bytes. */
  private static ByteBuffer vector(ByteBuffer bytes, int length) {
    if (length > bytes.remaining()) {
      throw new BufferUnderflowException();
    }
    ByteBuffer taken = bytes.slice(bytes.position(), length);
    bytes.position(bytes.position() + length);
    return taken;
  }

  /**
   * The group's name, {@code DH} for one of TLS 1.2 that has none; empty if there was no key
   * agreement, or if it is not known.
   *
   * @param suite that was agreed on: a ServerKeyExchange does not say what it is about
   */
  Optional<String> agreed(String suite) {
    if (state != State.AGREED) {
      return Optional.empty();
    }
    if (suite.contains("_DHE_") || suite.contains("_DH_")) {
      return Optional.of("DH");
    }
    return group == UNKNOWN ? Optional.empty() : Optional.of(NamedGroups.name(group));
  }

  /** Whether a ServerHello has come that could be read. */
  boolean answered() {
    return answered;
  }

  /** The version of TLS that the ServerHello is of, if that is one before 1.3. */
  Optional<String> version() {
    return minor > 0 && minor <= 3 ? Optional.of("TLS 1." + (minor - 1)) : Optional.empty();
  }

  /** Whether a session was resumed; empty if it is not known. */
  Optional<Boolean> resumed() {
    return switch (resumption) {
      case UNKNOWN -> Optional.empty();
      case RESUMED -> Optional.of(true);
      case FULL -> Optional.of(false);
    };
  }
}
