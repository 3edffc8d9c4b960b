package dev.hawser.lab.client;

/**
 * What came.
 *
 * @param server which of the lab's servers it was, and which of its connections: {@code old/7};
 *     empty for others
 */
public record Answer(int status, String server) {}
