package dev.hawser.policy;

import java.net.PasswordAuthentication;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A name and a password, as a challenge wants to have them. Safe for use by any thread. */
sealed interface Answer permits Answer.Basic, DigestAnswer {
  /** The value of {@code Authorization} for one request. */
  String to(String method, String target);

  /** Whether it holds for the whole origin, or only from the path downwards that was asked for. */
  boolean everywhere();

  /** The strongest of the challenges that can be answered; null: none can. */
  static @Nullable Challenge strongest(List<Challenge> challenges, AuthSchemes schemes) {
    Challenge strongest = null;
    for (Challenge challenge : challenges) {
      if (schemes.allows(challenge.scheme())
          && strength(challenge) > (strongest == null ? 0 : strength(strongest))) {
        strongest = challenge;
      }
    }
    return strongest;
  }

  private static int strength(Challenge challenge) {
    return switch (challenge.scheme()) {
      case "digest" -> DigestAnswer.strength(challenge);
      case "basic" -> 1;
      default -> 0;
    };
  }

  /** The answer to a challenge that is the strongest of some. */
  static Answer to(Challenge challenge, PasswordAuthentication password) {
    return challenge.scheme().equals("digest")
        ? new DigestAnswer(challenge, password)
        : Basic.of(challenge, password);
  }

  /** RFC 7617 section 2.1: without a word of the server's, what others send. */
  static Charset charset(Challenge challenge) {
    return challenge.says("charset", "UTF-8")
        ? StandardCharsets.UTF_8
        : StandardCharsets.ISO_8859_1;
  }

  /** RFC 7617: the password as it is. */
  final class Basic implements Answer {
    private final String value;

    private Basic(String value) {
      this.value = value;
    }

    static Basic of(Challenge challenge, PasswordAuthentication password) {
      String both = password.getUserName() + ":" + new String(password.getPassword());
      return new Basic(
          "Basic " + Base64.getEncoder().encodeToString(both.getBytes(charset(challenge))));
    }

    @Override
    public String to(String method, String target) {
      return value;
    }

    @Override
    public boolean everywhere() {
      return false;
    }
  }
}
