package ai.dmt.evaluators.sandbox;

import ai.dmt.config.ConfigException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A Python interpreter and what it needs to be seen of the file system.
 *
 * @param executable the interpreter itself, not a launcher script that stands for it
 * @param files folders and files that it reads at run time; some may not exist
 * @param links symbolic links from the executable to the file that is run
 * @param modulePath folders of installed modules
 */
public record PythonInterpreter(
    Path executable, List<Path> files, List<Path> links, List<Path> modulePath) {
  private static final String DESCRIBE =
      """
      import ctypes, json, os, resource, select, site, sys
      prefixes = {sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix}
      prefixes |= {os.path.realpath(prefix) for prefix in prefixes}
      prefixes.add(os.path.dirname(os.path.dirname(os.path.realpath(sys.executable))))
      modules = [path for path in site.getsitepackages() if os.path.isdir(path)]
      version = list(sys.version_info[:2])
      files = [os.path.dirname(os.__file__)]
      with open("/proc/self/maps") as maps:
          mapped = [line.rstrip("\\n").split(maxsplit=5)[5:] for line in maps]
      files += {name for names in mapped for name in names if ".so" in os.path.basename(name)}
      links = []
      link = sys.executable
      while os.path.islink(link):
          links.append(link)
          link = os.path.normpath(os.path.join(os.path.dirname(link), os.readlink(link)))
      found = [sys.executable, sorted(prefixes), modules, version, sorted(files), links]
      print(json.dumps(found))
      """;

  private static final String COMPILE =
      """
      import marshal, sys
      code = compile(sys.stdin.buffer.read(), "supervisor.py", "exec", dont_inherit=True)
      print(marshal.dumps(code).hex())
      """;

  /** Of a prefix only these: somebody's home may be one. */
  private static final List<String> PARTS = List.of("bin", "lib", "lib64", "pyvenv.cfg");

  private static final int OLDEST_MINOR = 8;
  private static final int MAX_COMPLAINT_CHARS = 300;

  /**
   * Asks an interpreter where it lies. Launchers such as pyenv's are looked through.
   *
   * @param command a file, or a name that is looked up on the PATH, such as "python3"
   * @return the interpreter, with what it reads at run time
   * @throws ConfigException if it cannot be started, is no Python 3, or older than 3.8
   */
  public static PythonInterpreter find(String command) {
    JsonNode found = parse(command, answer(command, DESCRIBE, ""));
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
    files.addAll(paths(found.get(4)));
    return new PythonInterpreter(
        Path.of(found.get(0).asText()),
        List.copyOf(files),
        paths(found.get(5)),
        paths(found.get(2)));
  }

  private static List<Path> paths(JsonNode names) {
    List<Path> paths = new ArrayList<>();
    names.forEach(name -> paths.add(Path.of(name.asText())));
    return paths;
  }

  /**
   * A program as an argument for this interpreter's -c, compiled: it starts sooner.
   *
   * @throws ConfigException if the interpreter does not work
   */
  String compiled(String source) {
    String code = answer(executable.toString(), COMPILE, source).strip();
    return "import marshal;exec(marshal.loads(bytes.fromhex('%s')))".formatted(code);
  }

  private static JsonNode parse(String command, String answer) {
    try {
      return new ObjectMapper().readTree(answer);
    } catch (IOException e) {
      throw new ConfigException("%s does not answer as Python 3 does".formatted(command), e);
    }
  }

  /** What a trusted program prints. */
  private static String answer(String command, String program, String input) {
    try {
      Path errors = Files.createTempFile("dmt-python-", ".txt");
      try {
        Process process =
            new ProcessBuilder(command, "-I", "-c", program).redirectError(errors.toFile()).start();
        try (OutputStream in = process.getOutputStream()) {
          in.write(input.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
          // it has ended already; its exit code tells more
        }
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int exitCode = process.waitFor();
        if (exitCode != 0) {
          throw new ConfigException(
              "%s does not work as Python 3: exit code %s%s"
                  .formatted(command, exitCode, lastLine(errors)));
        }
        return out;
      } finally {
        Files.delete(errors);
      }
    } catch (IOException e) {
      String advice =
          Files.exists(Path.of(command)) ? "" : "; install the package python3, or name one";
      throw new ConfigException("cannot start %s as Python%s".formatted(command, advice), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ConfigException("interrupted while starting " + command, e);
    }
  }

  private static String lastLine(Path errors) throws IOException {
    String text = new String(Files.readAllBytes(errors), StandardCharsets.UTF_8).strip();
    String line = text.substring(text.lastIndexOf('\n') + 1).replaceAll("\\p{Cntrl}", " ");
    return line.isEmpty()
        ? ""
        : ", " + line.substring(0, Math.min(line.length(), MAX_COMPLAINT_CHARS));
  }
}
