/** What was found, as one page of HTML. */
@org.jspecify.annotations.NullMarked
package dev.hawser.lab.report;
