/** The experiments. */
@org.jspecify.annotations.NullMarked
package dev.hawser.lab.experiment;
