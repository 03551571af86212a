package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import ai.dmt.SharedFiles;
import ai.dmt.TinyModel;
import ai.dmt.tensors.SafetensorsFile;
import ai.dmt.tensors.TensorEntry;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("native")
class DoctorCommandTest {
  @TempDir private Path folder;

  private Path copy(String preset) throws IOException {
    return TinyModel.copy(SharedFiles.require("golden/" + preset), folder.resolve(preset));
  }

  private static List<String> lines(String out, String beginning) {
    return out.lines().filter(line -> line.startsWith(beginning)).toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"mha", "gqa"})
  void goldenCaseHolds(String preset) {
    Path golden = SharedFiles.require("golden/" + preset);
    String out = Dmt.run("doctor", "--golden", golden).succeeds();
    assertEquals(1, lines(out, "logits ").size(), out);
    assertEquals(1, lines(out, "greedy tokens").size(), out);
    long tensors = lines(out, "gradient ").size();
    assertEquals(preset.equals("mha") ? 30 : 29, tensors, out); // gqa has tied embeddings
    assertEquals(tensors, lines(out, "weight after ").size(), out);
    for (int step = 1; step <= 20; step++) {
      assertEquals(1, lines(out, "step " + step + " loss").size(), out);
      assertEquals(1, lines(out, "step " + step + " gradient norm").size(), out);
    }
    assertTrue(out.endsWith(golden + ": ok\n"), out);
  }

  @Test
  void bfloat16JudgesLossesOnly() {
    Path golden = SharedFiles.require("golden/mha");
    String out = Dmt.run("doctor", "--golden", golden, "--dtype", "bfloat16").succeeds();
    assertTrue(out.contains("only losses have a tolerance in bfloat16"), out);
    assertTrue(lines(out, "logits ").get(0).endsWith("-"), out);
    assertTrue(lines(out, "step 20 loss").get(0).contains("2e-02 relative"), out);
  }

  @ParameterizedTest
  @CsvSource({
    "logits, 1e-3",
    "grad.model.norm.weight, 1e-2",
    "after.model.layers.1.mlp.up_proj.weight, 2e-3",
  })
  void oneWrongValueFails(String tensor, float change) throws IOException {
    Path golden = copy("gqa");
    addToFirst(golden.resolve("expected.safetensors"), tensor, change);
    Dmt run = Dmt.run("doctor", "--golden", golden);
    assertEquals(ExitCode.FAILED, run.exitCode(), run::toString);
    List<String> failed = run.out().lines().filter(line -> line.endsWith("FAIL")).toList();
    assertEquals(2, failed.size(), () -> "the quantity and the sum: " + failed);
  }

  @Test
  void aGpuThatIsAskedForAndNotThereFails() {
    Dmt run = Dmt.run("doctor", "--device", "cuda", "--device-index", 99);
    assertEquals(ExitCode.FAILED, run.exitCode(), run::toString);
    assertTrue(lines(run.out(), "GPU training").get(0).contains("FAIL"), run::toString);
  }

  @Test
  void oneWrongGreedyTokenFails() throws IOException {
    Path golden = copy("mha");
    Path file = golden.resolve("expected.safetensors");
    TensorEntry generated = SafetensorsFile.open(file).tensors().get("generated");
    write(file, generated.end() - Long.BYTES, ByteBuffer.allocate(8).putLong(1L << 56));
    Dmt run = Dmt.run("doctor", "--golden", golden);
    assertEquals(ExitCode.FAILED, run.exitCode(), run::toString);
    assertTrue(lines(run.out(), "greedy").get(0).endsWith("FAIL"), run::toString);
  }

  @Test
  void wrongLossOfOneStepFailsAndOtherCasesAreStillChecked() throws IOException {
    Path golden = copy("mha");
    Path json = golden.resolve("expected.json");
    String text = Files.readString(json);
    Files.writeString(json, text.replaceFirst("2\\.373130977153778", "2.3735"));
    Dmt run = Dmt.run("doctor", "--golden", golden, SharedFiles.require("golden/gqa"));
    assertEquals(ExitCode.FAILED, run.exitCode(), run::toString);
    assertTrue(lines(run.out(), "step 20 loss").get(0).endsWith("FAIL"), run::toString);
    assertTrue(run.out().endsWith("gqa: ok\n"), run::toString);
  }

  @Test
  void missingAndMalformedFilesAreNamed() throws IOException {
    Dmt.run("doctor", "--golden", folder.resolve("none"))
        .fails(ExitCode.USAGE, "none: no such folder");
    Path golden = copy("mha");
    Files.writeString(golden.resolve("expected.json"), "{\"loss\": }");
    Dmt.run("doctor", "--golden", golden).fails(ExitCode.USAGE, "expected.json: malformed JSON");
    Files.writeString(golden.resolve("expected.json"), "{\"loss\": 1}");
    Dmt.run("doctor", "--golden", golden)
        .fails(ExitCode.USAGE, "expected.json: \"betas\" must be two numbers");
    byte[] tensors = Files.readAllBytes(golden.resolve("expected.safetensors"));
    Files.write(
        golden.resolve("expected.safetensors"),
        java.util.Arrays.copyOf(tensors, tensors.length - 4));
    Dmt.run("doctor", "--golden", golden).fails(ExitCode.USAGE, "it is truncated");
    Files.delete(golden.resolve("expected.safetensors"));
    Dmt.run("doctor", "--golden", golden)
        .fails(ExitCode.USAGE, "expected.safetensors: no such file");
  }

  @Test
  void modelThatCannotBeLoadedIsNamed() throws IOException {
    Path golden = copy("mha");
    Files.delete(golden.resolve("model/config.json"));
    Dmt.run("doctor", "--golden", golden).fails(ExitCode.USAGE, "config.json");
  }

  @Test
  void systemCheckNamesWhatMatters() {
    String out = Dmt.run("doctor").succeeds();
    for (String subject :
        List.of(
            "JDK",
            "CPU features",
            "native library",
            "threads",
            "OpenMP",
            "GPU driver",
            "GPU kernels",
            "GPU training")) {
      assertEquals(1, lines(out, subject + " ").size(), out);
    }
    assertTrue(out.contains("libtorch 2."), out);
  }

  @Test
  void systemCheckSaysWhyThereIsNoGpu() {
    assumeFalse(Files.exists(Path.of("/dev/nvidiactl")), "this machine has a GPU driver");
    String line = lines(Dmt.run("doctor").succeeds(), "GPU kernels ").get(0);
    assertTrue(line.contains("no NVIDIA driver: libcuda.so.1: "), line);
    assertTrue(line.contains("install the driver"), line);
  }

  @Test
  void aGpuIsCheckedLineByLineAndWhatIsMissingFails() {
    assumeFalse(Files.exists(Path.of("/dev/nvidiactl")), "this machine has a GPU driver");
    Dmt run = Dmt.run("doctor", "--gpu");
    assertEquals(ExitCode.FAILED, run.exitCode(), run::toString);
    String driver = lines(run.out(), "GPU driver ").get(0);
    assertTrue(
        driver.startsWith("GPU driver           FAIL no NVIDIA driver: libcuda.so.1"), driver);
    for (String subject : List.of("kernel launch", "attention", "NCCL", "speed")) {
      String line = lines(run.out(), subject).get(0);
      assertTrue(line.endsWith("-    not run: what is missing is said above"), line);
    }
    Dmt.run("doctor", "--gpu", "--golden", folder)
        .fails(ExitCode.USAGE, "--gpu and --golden are checks of their own");
  }

  private static void addToFirst(Path file, String tensor, float change) throws IOException {
    SafetensorsFile tensors = SafetensorsFile.open(file);
    TensorEntry entry = tensors.tensors().get(tensor);
    float first = tensors.floats(entry)[0];
    ByteBuffer bytes = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
    write(file, entry.begin(), bytes.putFloat(first + change));
  }

  /** Overwrites bytes of the data. @param place as in the header's offsets */
  private static void write(Path file, long place, ByteBuffer bytes) throws IOException {
    try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
      long headerBytes = Long.reverseBytes(access.readLong());
      access.seek(8 + headerBytes + place);
      access.write(bytes.array());
    }
  }
}
