/**
 * The public API: a {@link java.net.http.HttpClient} made by {@link dev.hawser.Hawser}, its option
 * groups, what it tells ({@link dev.hawser.Timeline}, {@link dev.hawser.ClientSnapshot}, {@link
 * dev.hawser.ExchangeEvent}) and how it fails ({@link dev.hawser.ExchangeFailure}).
 *
 * {@snippet class="dev.hawser.examples.Calls" region="readme"}
 */
@NullMarked
package dev.hawser;

import org.jspecify.annotations.NullMarked;
