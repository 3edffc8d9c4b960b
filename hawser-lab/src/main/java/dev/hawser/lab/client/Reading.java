package dev.hawser.lab.client;

/** What a caller does with the body of a response. */
public enum Reading {
  /** Reads it to its end. */
  ALL,

  /** Reads a byte of it and closes it, as the client's documentation says. */
  CLOSED_EARLY,

  /** Neither reads nor closes it. */
  NOT_AT_ALL
}
