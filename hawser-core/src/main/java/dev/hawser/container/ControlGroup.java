package dev.hawser.container;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * This process' directory in one hierarchy of control groups, as {@code cgroups(7)} has them: one
 * for each controller in version 1, one for all in version 2, both on hybrid machines.
 *
 * @param mount where the hierarchy begins, as far as this process sees it
 * @param own its group
 */
record ControlGroup(Path mount, Path own) {
  private static final String UNIFIED = ""; // how version 2's only hierarchy is listed

  /** The one hierarchy of version 2. */
  static Optional<ControlGroup> unified(Path root) {
    return of(root, UNIFIED);
  }

  /**
   * The hierarchy of a controller of version 1.
   *
   * @param root of the file system: {@code /}, but in tests
   */
  static Optional<ControlGroup> of(Path root, String controller) {
    Optional<String> path = path(new KernelFile(root.resolve("proc/self/cgroup")), controller);
    Optional<Mount> mount =
        Mount.of(new KernelFile(root.resolve("proc/self/mountinfo")), controller);
    if (path.isEmpty() || mount.isEmpty()) {
      return Optional.empty();
    }
    Path directory = root.resolve(mount.get().point().substring(1));
    Path own = directory.resolve(mount.get().below(path.get())).normalize();
    return Optional.of(
        new ControlGroup(
            directory, own.startsWith(directory) && Files.isDirectory(own) ? own : directory));
  }

  /** Lines are {@code number:controllers:path}. */
  private static Optional<String> path(KernelFile file, String controller) {
    return file.lines().stream()
        .map(line -> line.split(":", 3))
        .filter(parts -> parts.length == 3)
        .filter(parts -> Arrays.asList(parts[1].split(",", -1)).contains(controller))
        .map(parts -> parts[2])
        .findFirst();
  }

  KernelFile file(String name) {
    return new KernelFile(own.resolve(name));
  }

  /** The group around this process that is here what {@code theirs} is there, if it is in one. */
  Optional<Path> at(ControlGroup there, Path theirs) {
    Path ours = mount.resolve(there.mount().relativize(theirs));
    return own.startsWith(ours) ? Optional.of(ours) : Optional.empty();
  }

  /** The group and those around it, from the inside. */
  List<Path> upwards() {
    var groups = new ArrayList<Path>();
    for (Path group = own; group != null && group.startsWith(mount); group = group.getParent()) {
      groups.add(group);
    }
    return groups;
  }

  /**
   * A line of {@code /proc/self/mountinfo}, see {@code proc(5)}.
   *
   * @param root what of the hierarchy is mounted here: in a container, its own group
   * @param point where
   */
  private record Mount(String root, String point) {
    static Optional<Mount> of(KernelFile file, String controller) {
      return file.lines().stream().flatMap(line -> parse(line, controller).stream()).findFirst();
    }

    private static Optional<Mount> parse(String line, String controller) {
      String[] halves = line.split(" - ", 2);
      String[] before = halves[0].split(" ", -1);
      String[] after = halves.length < 2 ? new String[0] : halves[1].split(" ", -1);
      if (before.length < 5 || after.length < 3 || !before[4].startsWith("/")) {
        return Optional.empty();
      }
      boolean wanted =
          controller.equals(UNIFIED)
              ? after[0].equals("cgroup2")
              : after[0].equals("cgroup")
                  && Arrays.asList(after[2].split(",", -1)).contains(controller);
      return wanted
          ? Optional.of(new Mount(unescaped(before[3]), unescaped(before[4])))
          : Optional.empty();
    }

    /**
     * From the mount point to a group. One that is not below the mounted root is of another
     * namespace, and the mount point is as near as we come.
     */
    String below(String path) {
      String prefix = root.equals("/") ? "" : root;
      return path.startsWith(prefix + "/") ? path.substring(prefix.length() + 1) : "";
    }

    /** Blanks and backslashes are written in octal. */
    private static String unescaped(String text) {
      return text.replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\");
    }
  }
}
