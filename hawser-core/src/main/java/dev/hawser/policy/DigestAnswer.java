package dev.hawser.policy;

import java.net.PasswordAuthentication;
import java.nio.charset.Charset;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * RFC 7616: proof that one knows the password. Without protection of bodies (auth-int), which
 * nobody offers alone; a server that does is not answered.
 */
final class DigestAnswer implements Answer {
  private static final Map<String, String> ALGORITHMS =
      Map.of("md5", "MD5", "sha-256", "SHA-256", "sha-512-256", "SHA-512/256");

  private static final SecureRandom RANDOM = new SecureRandom();

  private final Challenge challenge;
  private final PasswordAuthentication password;
  private final Charset charset;
  private final String algorithm; // of the JDK
  private final boolean session;
  private final boolean counted; // by a qop; RFC 2069 had none
  private final String clientNonce;
  private final AtomicInteger uses = new AtomicInteger(); // of the server's nonce

  DigestAnswer(Challenge challenge, PasswordAuthentication password) {
    this(challenge, password, randomNonce());
  }

  DigestAnswer(Challenge challenge, PasswordAuthentication password, String clientNonce) {
    this.challenge = challenge;
    this.password = password;
    this.charset = Answer.charset(challenge);
    this.algorithm = ALGORITHMS.getOrDefault(family(challenge), "MD5");
    this.session = algorithmName(challenge).endsWith("-sess");
    this.counted = challenge.parameter("qop") != null;
    this.clientNonce = clientNonce;
  }

  private static String randomNonce() {
    byte[] bytes = new byte[16];
    RANDOM.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /** 0: it cannot be answered. */
  static int strength(Challenge challenge) {
    if (challenge.parameter("nonce") == null
        || challenge.parameter("realm") == null
        || !canDoWithout(challenge.parameter("qop"))) {
      return 0;
    }
    return switch (family(challenge)) {
      case "md5" -> 2;
      case "sha-512-256" -> isThere("SHA-512/256") ? 3 : 0;
      case "sha-256" -> 4; // what most others know, too
      default -> 0;
    };
  }

  /** Whether the quality of protection that is wanted may be plain {@code auth}. */
  private static boolean canDoWithout(@Nullable String qop) {
    return qop == null
        || Arrays.stream(qop.split(",", -1))
            .anyMatch(each -> each.strip().equalsIgnoreCase("auth"));
  }

  private static boolean isThere(String algorithm) {
    try {
      var _ = MessageDigest.getInstance(algorithm);
      return true;
    } catch (NoSuchAlgorithmException e) {
      return false;
    }
  }

  private static String algorithmName(Challenge challenge) {
    String algorithm = challenge.parameter("algorithm");
    return algorithm == null ? "md5" : algorithm.toLowerCase(Locale.ROOT);
  }

  private static String family(Challenge challenge) {
    String algorithm = algorithmName(challenge);
    return algorithm.endsWith("-sess") ? algorithm.substring(0, algorithm.length() - 5) : algorithm;
  }

  /** {@inheritDoc} A server that says otherwise (domain) may be asked for more than it meant. */
  @Override
  public boolean everywhere() {
    return challenge.parameter("domain") == null;
  }

  @Override
  public String to(String method, String target) {
    String nonce = parameter("nonce");
    String count = "%08x".formatted(uses.incrementAndGet());
    String secret = secret(nonce);
    String request = hash(method + ":" + target);
    String response =
        counted
            ? hash(secret + ":" + nonce + ":" + count + ":" + clientNonce + ":auth:" + request)
            : hash(secret + ":" + nonce + ":" + request);
    var value = new StringBuilder("Digest ");
    quoted(value, "username", password.getUserName());
    quoted(value.append(", "), "realm", challenge.realm());
    quoted(value.append(", "), "nonce", nonce);
    quoted(value.append(", "), "uri", target);
    quoted(value.append(", "), "response", response);
    if (challenge.parameter("algorithm") != null) {
      value.append(", algorithm=").append(parameter("algorithm"));
    }
    if (counted) {
      value.append(", qop=auth, nc=").append(count);
    }
    if (counted || session) {
      quoted(value.append(", "), "cnonce", clientNonce);
    }
    if (challenge.parameter("opaque") != null) {
      quoted(value.append(", "), "opaque", parameter("opaque"));
    }
    return value.toString();
  }

  private String secret(String nonce) {
    String secret =
        hash(
            password.getUserName()
                + ":"
                + challenge.realm()
                + ":"
                + new String(password.getPassword()));
    return session ? hash(secret + ":" + nonce + ":" + clientNonce) : secret;
  }

  private String hash(String text) {
    try {
      byte[] hashed = MessageDigest.getInstance(algorithm).digest(text.getBytes(charset));
      return HexFormat.of().formatHex(hashed);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("chosen because it is there", e);
    }
  }

  private String parameter(String name) {
    return String.valueOf(challenge.parameter(name));
  }

  /** A header's characters are bytes: those of the charset that the server wants. */
  private void quoted(StringBuilder to, String name, String value) {
    String bytes =
        new String(value.getBytes(charset), java.nio.charset.StandardCharsets.ISO_8859_1);
    to.append(name)
        .append("=\"")
        .append(bytes.replace("\\", "\\\\").replace("\"", "\\\""))
        .append('"');
  }
}
