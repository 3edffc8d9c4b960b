/**
 * The fault lab: experiments that show what clients do when servers, names and networks misbehave.
 * Each {@link dev.hawser.lab.Experiment} is a class; {@link dev.hawser.lab.Experiments} lists them.
 */
@org.jspecify.annotations.NullMarked
package dev.hawser.lab;
