/**
 * What the kernel says of the control group that this process is in: CPU quota, throttling,
 * pressure.
 */
@NullMarked
package dev.hawser.container;

import org.jspecify.annotations.NullMarked;
