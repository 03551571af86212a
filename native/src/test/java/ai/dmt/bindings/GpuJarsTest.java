package ai.dmt.bindings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Which libtorch is taken from a class path that has the GPU's, and what is told to who asks for a
 * GPU. Driver, CUDA and the GPU's part of libtorch are little libraries that stand in for the real
 * ones, of a version that no machine has.
 */
class GpuJarsTest {
  private static final Path NATIVE = Path.of(System.getProperty("dmt.native.path"));
  private static final String OWN_JAR = System.getProperty("dmt.native.jar");
  private static final Path GPU_JAR = Path.of(System.getProperty("dmt.native.gpu.jar"));
  private static final String CLASS_PATH =
      System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  private static final String TORCH = "org/bytedeco/pytorch/linux-x86_64-gpu/";
  private static final String CUDA = "org/bytedeco/cuda/linux-x86_64/";

  /** Unpacked libraries, those of the real jars once for all tests. */
  @TempDir private static Path unpacked;

  @TempDir private Path temp;

  private record Outcome(String fault, List<String> libraries, String all) {
    String place(String name) {
      List<String> found =
          libraries.stream()
              .filter(file -> file.substring(file.lastIndexOf('/') + 1).startsWith(name))
              .toList();
      assertEquals(1, found.size(), () -> name + ": " + all);
      return found.get(0);
    }
  }

  @BeforeEach
  void requireCompiler() throws Exception {
    Process compiler = new ProcessBuilder("sh", "-c", "cc --version > /dev/null 2>&1").start();
    assumeTrue(compiler.waitFor() == 0, "no C compiler (cc) to make libraries with");
    assumeTrue(
        !Files.exists(Path.of("/proc/driver/nvidia/version")), "this machine has an NVIDIA driver");
  }

  @Test
  void withoutADriverThatIsSaid() throws Exception {
    Outcome outcome = ask(CLASS_PATH, OWN_JAR);
    assertTrue(
        outcome.fault().startsWith("device cuda: no NVIDIA driver: libcuda.so.1: "), outcome.all());
  }

  @Test
  void withADriverTheJarsThatAreMissingAreNamed() throws Exception {
    makeDriver();
    Outcome outcome = ask(CLASS_PATH, OWN_JAR);
    assertEquals(
        "device cuda: the libtorch of this class path is the CPU's; add"
            + " org.bytedeco:pytorch:linux-x86_64-gpu,"
            + " org.bytedeco:cuda-redist:linux-x86_64 (unless the machine has CUDA 13),"
            + " ai.dmt:dmt-native:linux-x86_64-gpu, whose versions dmt-bom has",
        outcome.fault());
  }

  @Test
  void aDriverThatIsOfNoUseDoesNotHideTheRest() throws Exception {
    compile(libraries().resolve("libcuda.so.1"), "int nothing;");
    Outcome outcome = ask(CLASS_PATH, OWN_JAR);
    assertTrue(
        outcome.fault().contains("the NVIDIA driver does not work: it has no function cuInit; "),
        outcome.all());
    assertTrue(
        outcome.fault().contains("; besides, the libtorch of this class path is the CPU's; add "),
        outcome.all());
  }

  @Test
  void withTheGpusLibtorchAllThatItLacksIsNamedAndTheCpusIsTaken() throws Exception {
    makeDriver();
    Path torch = makeTorch();
    deleteCuda();
    Outcome outcome = ask(CLASS_PATH, OWN_JAR, torch.toString(), makeRedist().toString());
    String fault = outcome.fault();
    List<String> named =
        List.of(
            "device cuda: " + torch.resolve(TORCH) + "/libtorch_cuda.so needs what is not there: ",
            "libcublas.so.77 (pip install nvidia-cublas, or the CUDA 13 toolkit), ",
            "libcudnn.so.77 (pip install nvidia-cudnn-cu13, or apt install libcudnn9-cuda-13), ",
            "libnccl.so.77 (pip install nvidia-nccl-cu13, or apt install libnccl2)",
            "; looked where the loader looks (LD_LIBRARY_PATH), in ",
            "; add ai.dmt:dmt-native:linux-x86_64-gpu, whose version dmt-bom has");
    int from = 0;
    for (String part : named) {
      assertTrue(fault.indexOf(part) >= from, () -> part + " in its place: " + fault);
      from = fault.indexOf(part) + part.length();
    }
    assertFalse(fault.contains("libcufft.so.77 "), fault); // the jar has it
    assertFalse(outcome.place("libtorch_cpu.so").startsWith(torch.toString()), outcome.all());
  }

  @Test
  void whereAllIsThereItIsTakenAndKernelsAreMissedLast() throws Exception {
    makeDriver();
    Path torch = makeTorch();
    Outcome outcome = ask(CLASS_PATH, OWN_JAR, torch.toString(), makeRedist().toString());
    assertTrue(
        outcome.fault().startsWith("device cuda: no GPU kernels: there is no "), outcome.all());
    assertTrue(
        outcome.fault().contains("; add the jar ai.dmt:dmt-native:linux-x86_64-gpu"),
        outcome.all());
    assertTrue(outcome.place("libtorch_cpu.so").startsWith(torch.toString()), outcome.all());
    assertTrue(outcome.place("libcufft.so.77").startsWith(cache()), outcome.all());
  }

  @Test
  void theKernelsOfTheJarAreFound() throws Exception {
    assumeTrue(Files.exists(GPU_JAR), "built without nvcc: there is no " + GPU_JAR);
    makeDriver();
    Path torch = makeTorch();
    Outcome outcome =
        ask(CLASS_PATH, OWN_JAR, GPU_JAR.toString(), torch.toString(), makeRedist().toString());
    // libtorch's own words: what stands in for its GPU part registers no device
    assertFalse(outcome.fault().startsWith("device cuda: "), outcome.all());
    String folder = cache() + "/" + GPU_JAR.getFileName() + "/ai/dmt/bindings/linux-x86_64-gpu/";
    assertEquals(folder + "libdmt_engine.so", outcome.place("libdmt_engine.so"));
    assertEquals(folder + "libdmt_cuda.so", outcome.place("libdmt_cuda.so"));
  }

  @Test
  void theGpusLibtorchAloneServesTheCpuWithoutADriver() throws Exception {
    Path torch = makeTorch();
    String others =
        Stream.of(CLASS_PATH.split(File.pathSeparator))
            .filter(entry -> !entry.matches(".*/pytorch-[^/]*-linux-x86_64\\.jar"))
            .collect(Collectors.joining(File.pathSeparator));
    Outcome outcome = ask(others, OWN_JAR, torch.toString(), makeRedist().toString());
    assertTrue(outcome.fault().startsWith("device cuda: no NVIDIA driver: "), outcome.all());
    assertTrue(outcome.place("libtorch_cpu.so").startsWith(torch.toString()), outcome.all());
  }

  // --- stand-ins ---

  private Path libraries() throws IOException {
    return Files.createDirectories(temp.resolve("libraries"));
  }

  private String cache() throws IOException {
    return unpacked.toRealPath().toString();
  }

  private void makeDriver() throws Exception {
    compile(
        libraries().resolve("libcuda.so.1"),
        Files.readString(Path.of("src/test/resources/stand_in_driver.c")));
  }

  private void deleteCuda() throws IOException {
    for (String name : List.of("libcublas.so.77", "libcudnn.so.77", "libnccl.so.77")) {
      Files.delete(libraries().resolve(name));
    }
  }

  /** The CPU's libtorch with a GPU part. @return a folder of a class path */
  private Path makeTorch() throws Exception {
    Path root = temp.resolve("torch");
    Path folder = Files.createDirectories(root.resolve(TORCH));
    for (String name : List.of("libc10.so", "libtorch_cpu.so", "libgomp.so.1")) {
      link(NATIVE.resolve(name), folder.resolve(name));
    }
    List<Path> needs = new ArrayList<>();
    needs.add(compile(temp.resolve("linked/libcufft.so.77"), "int cufft;"));
    for (String name : List.of("libnccl.so.77", "libcudnn.so.77", "libcublas.so.77")) {
      needs.add(
          compile(
              libraries().resolve(name),
              name.contains("cudnn") ? "long cudnnGetVersion(void) { return 92500; }" : "int x;"));
    }
    compile(folder.resolve("libc10_cuda.so"), "int c10;", needs.get(0));
    compile(folder.resolve("libtorch_cuda.so"), "int cuda;", needs.toArray(Path[]::new));
    return root;
  }

  /** A symbolic link would lead back to where the CPU's are. */
  private static void link(Path from, Path to) throws IOException {
    try {
      Files.createLink(to, from);
    } catch (IOException | UnsupportedOperationException e) {
      Files.copy(from, to); // on another file system
    }
  }

  /**
   * @return a jar with libraries of CUDA
   */
  private Path makeRedist() throws Exception {
    Path jar = temp.resolve("cuda-redist-stand-in.jar");
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
      for (String name : List.of("libcudart.so.13", "libcufft.so.77")) {
        Path library = compile(temp.resolve("redist").resolve(name), "int x;");
        out.putNextEntry(new JarEntry(CUDA + name));
        Files.copy(library, out);
      }
    }
    return jar;
  }

  private Path compile(Path library, String source, Path... needs) throws Exception {
    Files.createDirectories(library.getParent());
    Path file = Files.writeString(temp.resolve("source.c"), source + "\n");
    List<String> command =
        new ArrayList<>(List.of("cc", "-shared", "-fPIC", "-Wl,--no-as-needed", "-o"));
    command.addAll(List.of(library.toString(), file.toString()));
    command.add("-Wl,-soname," + library.getFileName());
    command.add("-Wl,--enable-new-dtags,-rpath,$ORIGIN");
    for (Path need : needs) {
      command.add(need.toString());
    }
    Process compiler = new ProcessBuilder(command).inheritIO().start();
    assertEquals(0, compiler.waitFor(), command::toString);
    return library;
  }

  /** Starts the probe, which finds what stands in and nothing of this machine's user. */
  private Outcome ask(String... classPath) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    if (Runtime.version().feature() >= 22) {
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    command.add("-Dorg.bytedeco.javacpp.cachedir=" + cache());
    command.addAll(List.of("-cp", String.join(File.pathSeparator, classPath)));
    command.add(GpuProbe.class.getName());
    Path output = temp.resolve("output");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().put("LD_LIBRARY_PATH", libraries().toString());
    builder.environment().put("HOME", temp.toString());
    for (String name : List.of("CUDA_HOME", "VIRTUAL_ENV", "CONDA_PREFIX")) {
      builder.environment().remove(name);
    }
    int exitCode = builder.start().waitFor();
    List<String> lines = Files.readAllLines(output);
    String all = String.join("\n", lines);
    assertEquals(0, exitCode, all);
    return new Outcome(lines.get(0), lines.subList(1, lines.size()), all);
  }
}
