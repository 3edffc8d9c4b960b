package dev.hawser.cli;

import picocli.CommandLine;
import picocli.CommandLine.IFactory;

/** Makes the subcommands, each with the console. */
record Commands(Console console) implements IFactory {
  @Override
  public <K> K create(Class<K> type) throws Exception {
    if (type == Get.class) {
      return type.cast(new Get(console));
    }
    if (type == Bench.class) {
      return type.cast(new Bench(console));
    }
    if (type == Tune.class) {
      return type.cast(new Tune(console));
    }
    if (type == Demo.class) {
      return type.cast(new Demo(console));
    }
    return CommandLine.defaultFactory().create(type);
  }
}
