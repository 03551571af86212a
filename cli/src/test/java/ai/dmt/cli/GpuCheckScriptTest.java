package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What {@code scripts/gpu-check.sh} does where there is nothing to build with, and so no GPU check.
 */
@Timeout(60)
class GpuCheckScriptTest {
  @TempDir private Path folder;

  private record Result(int exitCode, String output) {}

  private Result run(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("bash", "../scripts/gpu-check.sh"));
    command.addAll(List.of(arguments));
    Path output = folder.resolve("output");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    int exitCode = process.waitFor();
    return new Result(exitCode, Files.readString(output, StandardCharsets.UTF_8));
  }

  @Test
  void helpNamesEveryOption() throws IOException, InterruptedException {
    Result result = run("--help");
    assertEquals(0, result.exitCode(), result.output());
    for (String option :
        List.of("--out", "--python", "--peer", "--jobs", "--repeats", "--rounds", "--part")) {
      assertTrue(result.output().contains("\n  " + option + " "), result.output());
    }
  }

  @Test
  void wrongOptionsAreNamed() throws IOException, InterruptedException {
    Result unknown = run("--gpu");
    assertEquals(2, unknown.exitCode());
    assertTrue(unknown.output().contains("unknown option --gpu"), unknown.output());
    Result missing = run("--out");
    assertEquals(2, missing.exitCode());
    assertTrue(missing.output().contains("--out needs a value"), missing.output());
    Result none = run("--jobs", "0");
    assertEquals(2, none.exitCode());
    assertTrue(none.output().contains("--jobs 0 must be a number above 0"), none.output());
    Result part = run("--part", "some");
    assertEquals(2, part.exitCode());
    assertTrue(part.output().contains("--part some must be tests, speed or all"), part.output());
  }

  @Test
  void whatWasSkippedIsSaidAndIsNoSuccess() throws IOException, InterruptedException {
    Result result = run("--python", "false", "--out", folder.resolve("out").toString());
    assertEquals(1, result.exitCode(), result.output());
    for (String row :
        List.of(
            "build +skipped +false has no torch",
            "kernel bandwidth +skipped +no test ran on a GPU",
            "engine tests on the GPU +skipped +no test ran on a GPU",
            "speed beside the peer's +skipped +no test ran on a GPU")) {
      assertTrue(
          result.output().lines().anyMatch(line -> line.matches(row + ".*")), result.output());
    }
    assertTrue(result.output().contains("no test ran on a GPU"), result.output());
  }
}
