/** What may be sent, and what follows from an answer: checks of requests, redirects, cookies. */
@NullMarked
package dev.hawser.policy;

import org.jspecify.annotations.NullMarked;
