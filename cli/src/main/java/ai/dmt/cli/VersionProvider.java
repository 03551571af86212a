package ai.dmt.cli;

import ai.dmt.internal.text.BuildVersion;
import picocli.CommandLine.IVersionProvider;

/** The version that Maven wrote into the jar. */
final class VersionProvider implements IVersionProvider {
  @Override
  public String[] getVersion() {
    return new String[] {"dmt " + BuildVersion.current().version()};
  }
}
