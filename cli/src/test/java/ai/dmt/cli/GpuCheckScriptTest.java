package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

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
 * What {@code scripts/gpu-check.sh} does without a GPU: it goes its way with programs that stand in
 * for the real ones, and rehearses two of its parts with those of this build.
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
        List.of(
            "--out",
            "--build-only",
            "--parts",
            "--again",
            "--python",
            "--peer",
            "--jobs",
            "--minutes",
            "--into-docs",
            "--rehearse")) {
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
    Result part = run("--parts", "1,7");
    assertEquals(2, part.exitCode());
    assertTrue(part.output().contains("1,7 must be numbers of parts, such as 1,2"), part.output());
  }

  @Test
  void whatWasSkippedIsSaidAndIsNoSuccess() throws IOException, InterruptedException {
    Result result = run("--rehearse", "--python", "false", "--out", out().toString());
    assertEquals(1, result.exitCode(), result.output());
    assertTrue(result.output().contains("skipped   build: false has no torch"), result.output());
    assertTrue(result.output().contains("nothing ran on a GPU"), result.output());
  }

  @Test
  void partsAreDoneOnceAndWriteWhatTheyFind() throws IOException, InterruptedException {
    standIn("dmt_tests", "echo \"$2 on $DMT_TEST_DEVICE\"; echo '[  PASSED  ] 3 tests.'");
    standIn("dmt_bench", "echo '{\"mode\": \"'$1'\", \"tokens_per_s\": 1234.5}'");
    Result first = rehearse("--parts", "1,2,4");
    assertEquals(0, first.exitCode(), first.output());
    for (String row :
        List.of("golden cases, float32 and bfloat16", "7B, dense", "decoding, 128 requests")) {
      assertTrue(first.output().contains("ok        " + row), first.output());
      assertTrue(first.output().contains("| " + row + " | ok ("), first.output());
    }
    assertTrue(first.output().contains("| 7B, packed | 1,23"), first.output());
    assertTrue(
        first.output().contains("skipped   decoding, 1 request, peer: there is no"),
        first.output());
    standIn("dmt_bench", "exit 3");
    Result second = rehearse("--parts", "1,2,3");
    assertEquals(1, second.exitCode(), second.output()); // part 3 alone ran
    assertFalse(second.output().contains("failed    7B"), second.output());
    assertTrue(second.output().contains("| 7B, packed | 1,23"), second.output());
    assertTrue(
        second.output().contains("failed    8 layers of 7B, ours, round 1: exit code 3"),
        second.output());
    Result again = rehearse("--parts", "2", "--again", "2");
    assertEquals(1, again.exitCode(), again.output());
    assertTrue(again.output().contains("| 7B, packed | failed (exit code 3"), again.output());
  }

  @Test
  void testsThatDoNotRunAreNoSuccess() throws IOException, InterruptedException {
    standIn("dmt_tests", "echo '[  PASSED  ] 0 tests.'");
    standIn("dmt_bench", "true");
    Result result = rehearse("--parts", "1");
    assertEquals(1, result.exitCode(), result.output());
    assertTrue(
        result.output().contains("| golden cases, float32 and bfloat16 | failed (no test ran"),
        result.output());
  }

  @Test
  @Timeout(300)
  void testsAndBenchmarksOfThisBuildRehearse() throws IOException, InterruptedException {
    Path built = Path.of("../native/target/cmake").toAbsolutePath().normalize();
    Path golden = Path.of("../../shared/golden");
    assumeTrue(Files.isDirectory(golden), () -> "golden cases are not here: no " + golden);
    Path engine = Path.of("../native/target/lib/libdmt_engine.so");
    Files.createDirectories(out().resolve("bin"));
    for (String program : List.of("dmt_tests", "dmt_bench")) {
      Path real = built.resolve(program);
      assumeTrue(
          Files.isExecutable(real)
              && Files.getLastModifiedTime(real).compareTo(Files.getLastModifiedTime(engine)) >= 0,
          () -> "the build, without native tests, has made no " + real);
      Files.createSymbolicLink(out().resolve("bin").resolve(program), real);
    }
    Result result = rehearse("--parts", "1,3");
    assertEquals(0, result.exitCode(), result.output());
    for (String check :
        List.of(
            "kernels against references",
            "cuDNN and flash attention against plain",
            "golden cases, float32 and bfloat16",
            "engine, vocabularies and generation",
            "8 layers of 7B, ours, round 2")) {
      assertTrue(result.output().contains("\n| " + check + " | ok ("), result.output());
    }
    assertTrue(
        result.output().matches("(?s).*\\| 8 layers of 7B, ours, round 1 \\| [1-9][0-9,]* \\|.*"),
        result.output());
  }

  private Path out() {
    return folder.resolve("out");
  }

  private Result rehearse(String... arguments) throws IOException, InterruptedException {
    Path python = standIn("python", "echo " + folder);
    List<String> all = new ArrayList<>(List.of("--rehearse", "--out", out().toString()));
    all.addAll(List.of("--python", python.toString(), "--peer", folder + "/none"));
    all.addAll(List.of(arguments));
    return run(all.toArray(String[]::new));
  }

  /** A program in the place of one that a build would make. */
  private Path standIn(String name, String script) throws IOException {
    Path program = Files.createDirectories(out().resolve("bin")).resolve(name);
    Files.writeString(program, "#!/usr/bin/env bash\n" + script + "\n");
    assertTrue(program.toFile().setExecutable(true));
    return program;
  }
}
