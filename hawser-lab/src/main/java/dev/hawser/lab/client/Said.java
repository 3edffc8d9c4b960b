package dev.hawser.lab.client;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What an adapter has set, in the words of its client. */
public final class Said {
  private final List<String> set = new ArrayList<>();

  void set(String option) {
    set.add(option);
  }

  /** The client has nothing for this. */
  void none(Limit limit) {
    set.add("no option for: " + limit.says());
  }

  /** It has something, which does not serve. */
  void none(Limit limit, String because) {
    set.add("no option for: " + limit.says() + " (" + because + ")");
  }

  void noneFor(Settings settings, Limit... limits) {
    for (Limit limit : limits) {
      if (settings.isSet(limit)) {
        none(limit);
      }
    }
  }

  /** All of it. */
  public List<String> all() {
    return List.copyOf(set);
  }

  static String seconds(Duration duration) {
    return duration.toMillis() % 1000 == 0
        ? duration.toSeconds() + " s"
        : duration.toMillis() + " ms";
  }
}
