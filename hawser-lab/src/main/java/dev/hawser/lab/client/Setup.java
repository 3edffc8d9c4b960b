package dev.hawser.lab.client;

/** How a client was set up. */
public enum Setup {
  /** As its documentation gives it, but for what the experiment needs. */
  DEFAULTS("defaults"),

  /** As its documentation advises against what the experiment does. */
  BEST("best"),

  /** Without what the experiment gives to this client and not to all, to show what that does. */
  BARE("bare");

  private final String word;

  Setup(String word) {
    this.word = word;
  }

  /** In one word. */
  public String word() {
    return word;
  }
}
