package dev.hawser.cli;

import picocli.CommandLine.IVersionProvider;

/** The version, from the manifest that the build writes. */
final class Version implements IVersionProvider {
  Version() {}

  @Override
  public String[] getVersion() {
    String version = Version.class.getPackage().getImplementationVersion();
    return new String[] {
      "hawser " + (version == null ? "(not packaged)" : version) + ", Java " + Runtime.version()
    };
  }
}
