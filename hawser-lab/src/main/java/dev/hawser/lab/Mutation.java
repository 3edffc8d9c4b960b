package dev.hawser.lab;

/**
 * A defect put into Hawser to see that an experiment notices it: the method returns this at once.
 * Nothing in the library knows of it; the tests write the changed class and put it in front of the
 * class path of the client's process.
 *
 * @param type the class, by its binary name
 * @param method all methods of this name are changed
 * @param returns what they return
 * @param says what is broken then
 */
public record Mutation(String type, String method, Returns returns, String says) {
  /** What a changed method gives back. */
  public enum Returns {
    /** Nothing, or null, or 0, or false, as the type asks for. */
    NOTHING,
    /** True, or 1. */
    TRUE
  }
}
