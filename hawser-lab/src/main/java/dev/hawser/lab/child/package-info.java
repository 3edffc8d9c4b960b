/** The process of one client: what it is told to do, and what it tells. */
@org.jspecify.annotations.NullMarked
package dev.hawser.lab.child;
