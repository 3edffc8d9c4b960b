package dev.hawser.overload;

import dev.hawser.BreakerOptions;
import dev.hawser.HedgeOptions;
import dev.hawser.LimitOptions;
import dev.hawser.RetryOptions;

/** What is done for each host, as the options say. */
public record Protection(
    RetryOptions retry, BreakerOptions breaker, LimitOptions limit, HedgeOptions hedge) {}
