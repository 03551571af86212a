package ai.dmt.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The command line of a Java process that runs like this one. */
final class JavaWords {
  private JavaWords() {}

  /** Program, flags, class path and main class; the caller adds to it. */
  static List<String> of(Class<?> main) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx96m", "-XX:+UseSerialGC", "-Xshare:auto", "-XX:-UsePerfData"));
    command.add("-XX:TieredStopAtLevel=1"); // such processes live for seconds, as in ./dmt
    for (String property :
        List.of(
            "dmt.native.path",
            "org.bytedeco.javacpp.maxPhysicalBytes",
            "org.bytedeco.javacpp.noPointerGC")) {
      command.add("-D%s=%s".formatted(property, System.getProperty(property, "")));
    }
    command.add("-XX:SharedArchiveFile=" + ClassArchive.file());
    command.addAll(List.of("-cp", ClassArchive.classPath(), main.getName()));
    return command;
  }
}
