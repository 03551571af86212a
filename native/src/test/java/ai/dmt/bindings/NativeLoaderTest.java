package ai.dmt.bindings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeLoaderTest {
  private static final String FOLDER = System.getProperty("dmt.native.path");
  private static final String JAR = System.getProperty("dmt.native.jar");
  private static final String CLASS_PATH =
      System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));

  @TempDir private Path temp;

  private record Outcome(int exitCode, List<String> output) {
    List<String> named(String part) {
      return output.stream()
          .filter(line -> line.substring(line.lastIndexOf('/') + 1).contains(part))
          .toList();
    }
  }

  /** Starts a JVM whose output, errors included, goes to a file. */
  private Process start(Path output, String classPath, String... options) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    if (Runtime.version().feature() >= 22) {
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", classPath, LoadProbe.class.getName()));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(output.toFile())
        .start();
  }

  private static Outcome outcome(Process process, Path output) throws Exception {
    return new Outcome(process.waitFor(), Files.readAllLines(output));
  }

  private Outcome run(String classPath, String... options) throws Exception {
    Path output = temp.resolve("output");
    return outcome(start(output, classPath, options), output);
  }

  private static void assertOneOfEach(Outcome outcome, String folder) {
    assertEquals(0, outcome.exitCode(), outcome::toString);
    for (String name :
        List.of("libgomp", "libtorch_cpu", "libc10", "libopenblas", "libdmt_engine")) {
      assertEquals(1, outcome.named(name).size(), () -> name + ": " + outcome);
      assertTrue(outcome.named(name).get(0).startsWith(folder), () -> folder + ": " + outcome);
    }
    assertEquals(1, outcome.named("libjni").size() - outcome.named("libjnijavacpp").size());
    assertTrue(
        outcome.output().stream().allMatch(line -> line.startsWith("/")),
        () -> "nothing may be printed while loading: " + outcome);
  }

  @Test
  void folderGivesAllLibraries() throws Exception {
    assertOneOfEach(run(CLASS_PATH, "-Ddmt.native.path=" + FOLDER), FOLDER);
  }

  @Test
  void folderWinsOverTheJars() throws Exception {
    assertOneOfEach(
        run(CLASS_PATH + File.pathSeparator + JAR, "-Ddmt.native.path=" + FOLDER), FOLDER);
  }

  @Test
  void twoProcessesUnpackTheJarsAtOnce() throws Exception {
    String classPath = CLASS_PATH + File.pathSeparator + JAR;
    String option = "-Dorg.bytedeco.javacpp.cachedir=" + temp.resolve("cache");
    Process first = start(temp.resolve("first"), classPath, option);
    Process second = start(temp.resolve("second"), classPath, option);
    String cache = temp.toRealPath().resolve("cache").toString();
    assertOneOfEach(outcome(first, temp.resolve("first")), cache);
    assertOneOfEach(outcome(second, temp.resolve("second")), cache);

    // An older build's library, of the same size and time, as JavaCPP compares them.
    Path engine;
    try (Stream<Path> files = Files.walk(Path.of(cache))) {
      engine =
          files
              .filter(f -> f.endsWith("libdmt_engine.so") && Files.isRegularFile(f))
              .filter(f -> !Files.isSymbolicLink(f))
              .findFirst()
              .orElseThrow();
    }
    var time = Files.getLastModifiedTime(engine);
    byte[] stale = new byte[(int) Files.size(engine)];
    Files.write(engine, stale);
    Files.setLastModifiedTime(engine, time);
    assertOneOfEach(run(classPath, option), cache);
    assertTrue(!Arrays.equals(stale, Files.readAllBytes(engine)));
  }

  @Test
  void missingJarIsNamed() throws Exception {
    Outcome outcome = run(CLASS_PATH);
    assertEquals(1, outcome.exitCode());
    assertTrue(
        outcome
            .output()
            .get(0)
            .endsWith(
                "the native engine cannot be loaded: there is no libdmt_environment.so; searched:"
                    + " the class path's jars for linux-x86_64; add the jar"
                    + " ai.dmt:dmt-native:linux-x86_64, or set dmt.native.path"),
        outcome::toString);
  }

  @Test
  void libraryThatWasCutOffIsNamed() throws Exception {
    linkFolder();
    Path library = temp.resolve("libtorch_cpu.so");
    long size = Files.size(library);
    try (FileChannel in = FileChannel.open(library)) {
      ByteBuffer start = ByteBuffer.allocate(1_000_000);
      in.read(start);
      Files.delete(library);
      Files.write(library, start.array());
    }
    Outcome outcome = run(CLASS_PATH, "-Ddmt.native.path=" + temp);
    assertEquals(1, outcome.exitCode(), outcome::toString);
    String message = outcome.output().get(0);
    assertTrue(message.contains(library + " is cut off: it has 1000000 of at least "), message);
    assertTrue(size > 1_000_000 && message.contains("dmt.native.path=" + temp), message);
  }

  @Test
  void brokenLibraryIsNamed() throws Exception {
    linkFolder();
    Files.delete(temp.resolve("libdmt_engine.so"));
    Files.writeString(temp.resolve("libdmt_engine.so"), "not a library");
    Outcome outcome = run(CLASS_PATH, "-Ddmt.native.path=" + temp);
    assertEquals(1, outcome.exitCode(), outcome::toString);
    String message = String.join("\n", outcome.output());
    assertTrue(
        message.contains("libdmt_engine.so") && message.contains("dmt.native.path=" + temp),
        message);
  }

  private void linkFolder() throws IOException {
    try (Stream<Path> files = Files.list(Path.of(FOLDER))) {
      for (Path file : files.toList()) {
        if (file.getFileName().toString().startsWith("libjni")) {
          Files.copy(file, temp.resolve(file.getFileName())); // a link would lead it back to FOLDER
        } else {
          Files.createSymbolicLink(temp.resolve(file.getFileName()), file);
        }
      }
    }
  }
}
