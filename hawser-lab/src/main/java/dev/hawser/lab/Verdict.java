package dev.hawser.lab;

import java.util.ArrayList;
import java.util.List;

/**
 * Whether a client did what the experiment's hypothesis says.
 *
 * @param held whether it did
 * @param why in one sentence
 */
public record Verdict(boolean held, String why) {
  /** It did. */
  public static Verdict held(String why) {
    return new Verdict(true, why);
  }

  /** It did not. */
  public static Verdict failed(String why) {
    return new Verdict(false, why);
  }

  /** {@code held} or {@code failed}. */
  public String word() {
    return held ? "held" : "failed";
  }

  /** Several conditions, all of which must be met. */
  public static Rule rule() {
    return new Rule();
  }

  /**
   * Conditions of which those that are not met make the sentence.
   *
   * {@snippet :
   * return Verdict.rule()
   *     .unless(figures.get("failed") > 0, figures.shown("failed") + " calls failed")
   *     .held("no call failed");
   * }
   */
  public static final class Rule {
    private final List<String> broken = new ArrayList<>();

    private Rule() {}

    /** If this is so, the client has failed, and that is why. */
    public Rule unless(boolean failed, String why) {
      if (failed) {
        broken.add(why);
      }
      return this;
    }

    /** The verdict; the sentence is of use if nothing was wrong. */
    public Verdict held(String why) {
      return broken.isEmpty() ? Verdict.held(why) : Verdict.failed(String.join("; ", broken));
    }
  }
}
