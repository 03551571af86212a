package ai.dmt.evaluators.sandbox;

import ai.dmt.config.ConfigException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A Python interpreter and what it needs to be seen of the file system.
 *
 * @param executable the interpreter itself, not a launcher script that stands for it
 * @param files folders and files that it reads at run time; some may not exist
 * @param modulePath folders of installed modules
 */
public record PythonInterpreter(Path executable, List<Path> files, List<Path> modulePath) {
  private static final String DESCRIBE =
      """
      import json, os, site, sys
      prefixes = {sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix}
      prefixes |= {os.path.realpath(prefix) for prefix in prefixes}
      prefixes.add(os.path.dirname(os.path.dirname(os.path.realpath(sys.executable))))
      modules = [path for path in site.getsitepackages() if os.path.isdir(path)]
      version = list(sys.version_info[:2])
      print(json.dumps([sys.executable, sorted(prefixes), modules, version]))
      """;

  /** Of a prefix only these: somebody's home may be one. */
  private static final List<String> PARTS = List.of("bin", "lib", "lib64", "pyvenv.cfg");

  private static final int OLDEST_MINOR = 8;

  /**
   * Asks an interpreter where it lies. Launchers such as pyenv's are looked through.
   *
   * @param command a file, or a name that is looked up on the PATH, such as "python3"
   * @throws ConfigException if it cannot be started, is no Python 3, or older than 3.8
   */
  public static PythonInterpreter find(String command) {
    JsonNode found = describe(command);
    int major = found.get(3).get(0).asInt();
    int minor = found.get(3).get(1).asInt();
    if (major != 3 || minor < OLDEST_MINOR) {
      throw new ConfigException(
          "%s is Python %s.%s, expected 3.%s or later"
              .formatted(command, major, minor, OLDEST_MINOR));
    }
    Set<Path> files = new LinkedHashSet<>();
    for (JsonNode prefix : found.get(1)) {
      PARTS.forEach(part -> files.add(Path.of(prefix.asText(), part)));
    }
    Set<Path> modulePath = new LinkedHashSet<>();
    found.get(2).forEach(folder -> modulePath.add(Path.of(folder.asText())));
    return new PythonInterpreter(
        Path.of(found.get(0).asText()), List.copyOf(files), List.copyOf(modulePath));
  }

  private static JsonNode describe(String command) {
    Process process;
    String out;
    int exitCode;
    try {
      process =
          new ProcessBuilder(command, "-I", "-c", DESCRIBE)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      process.getOutputStream().close();
      out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      exitCode = process.waitFor();
    } catch (IOException e) {
      String advice =
          Files.exists(Path.of(command)) ? "" : "; install the package python3, or name one";
      throw new ConfigException("cannot start %s as Python%s".formatted(command, advice), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ConfigException("interrupted while starting " + command, e);
    }
    try {
      if (exitCode == 0) {
        return new ObjectMapper().readTree(out);
      }
    } catch (IOException e) {
      throw new ConfigException("%s does not answer as Python 3 does".formatted(command), e);
    }
    throw new ConfigException(
        "%s does not work as Python 3: exit code %s".formatted(command, exitCode));
  }
}
