package ai.dmt.cli;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Properties;
import java.util.Set;

/** How this Java runs, to start another that runs alike. */
final class JavaProcess {
  private JavaProcess() {}

  /** Program, flags, class path and main class. */
  static List<String> command(Class<?> main) {
    // ProcessHandle.Info has no arguments where they take more than 4 KB, as a class path does.
    Set<String> flags =
        new LinkedHashSet<>(ManagementFactory.getRuntimeMXBean().getInputArguments());
    Properties properties = System.getProperties(); // those that were set after the start
    for (String name : properties.stringPropertyNames()) {
      if (name.startsWith("dmt.") || name.startsWith("org.bytedeco.javacpp.")) {
        flags.add("-D%s=%s".formatted(name, properties.getProperty(name)));
      }
    }
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    return command;
  }
}
