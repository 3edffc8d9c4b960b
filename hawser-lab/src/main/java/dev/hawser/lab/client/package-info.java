/** The clients compared, one small adapter each. */
@org.jspecify.annotations.NullMarked
package dev.hawser.lab.client;
