package ai.dmt.cli;

import ai.dmt.config.ConfigException;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Where a server listens, and whom it lets in. */
final class ListenOptions {
  @Option(
      names = "--host",
      defaultValue = "127.0.0.1",
      paramLabel = "HOST",
      description =
          "Name or address to listen at; one that others can reach needs --api-key-env (default:"
              + " ${DEFAULT-VALUE}).")
  String host;

  @Option(
      names = "--port",
      defaultValue = "8080",
      paramLabel = "N",
      description = "0 takes any that is free (default: ${DEFAULT-VALUE}).")
  int port;

  @Option(
      names = "--api-key-env",
      paramLabel = "NAME",
      description =
          "Environment variable that holds the key which clients must send; without it none is"
              + " asked for.")
  private String keyVariable;

  /** The key of the environment; empty where none is asked for. */
  Optional<String> key() {
    if (keyVariable == null) {
      return Optional.empty();
    }
    String key = System.getenv(keyVariable);
    if (key == null) {
      throw new ConfigException(
          "--api-key-env %s: the environment has no such variable".formatted(keyVariable));
    }
    return Optional.of(key);
  }
}
