package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the script {@code dmt} says of a build for GPUs before anything is downloaded for it. */
@Timeout(60)
class LauncherGpuTest {
  private static final String NVCC = "echo 'Cuda compilation tools, release 13.0, V13.0.88'";

  /** CMake that finds no nvcc, on machines that have one, too. */
  private static final String CMAKE_WITHOUT_NVCC =
      "if [[ $1 == -P ]]; then echo 'fault: there is no nvcc' >&2; exit; fi\n"
          + "exec \"$(type -aP cmake | sed -n 2p)\" \"$@\"";

  private static final String GPU_LOG = "target/dmt/gpu/build.log";
  private static final String CPU_LOG = "target/dmt/build.log";

  @TempDir private Path folder;
  private LauncherRun launcher;

  @BeforeEach
  void copyScript() throws IOException {
    launcher = new LauncherRun(folder);
    launcher.program("nvcc", NVCC);
    Files.createDirectories(repository());
  }

  private Path repository() {
    return folder.resolve("m2");
  }

  private String run(int exitCode, String gpu) throws IOException, InterruptedException {
    return run(exitCode, gpu, "");
  }

  private String run(int exitCode, String gpu, String kernels)
      throws IOException, InterruptedException {
    return launcher.run(
        exitCode,
        Map.of(
            "DMT_GPU",
            gpu,
            "DMT_GPU_KERNELS",
            kernels,
            "MAVEN_OPTS",
            "-Dmaven.repo.local=" + repository()));
  }

  private void diskHas(long megabytes) throws IOException {
    launcher.program(
        "df",
        "echo 'Filesystem 1024-blocks Used Available Capacity Mounted on'\n"
            + "echo '/dev/x 9 9 "
            + megabytes * 1024
            + " 9% /'");
  }

  @Test
  void whatIsDownloadedIsSaidBeforeMavenIsAsked() throws IOException, InterruptedException {
    String said = run(1, "on");
    assertTrue(
        said.lines()
            .anyMatch(
                line ->
                    line.matches(
                        "dmt: a build for GPUs downloads pytorch-.*-linux-x86_64-gpu\\.jar \\(455 MB\\)"
                            + " and cuda-redist-.*-linux-x86_64\\.jar \\(344 MB\\) into .*/m2, once")),
        said);
    assertTrue(said.contains("cuBLAS, cuSPARSE, cuDNN and NCCL are this machine's own"), said);
    assertTrue(said.indexOf("downloads") < said.indexOf("first start for GPUs"), said);
    assertTrue(launcher.asked(GPU_LOG).contains("-Pgpu"));
  }

  @Test
  void whatIsThereIsNotDownloaded() throws IOException, InterruptedException {
    String pom = Files.readString(launcher.checkout("pom.xml"));
    String version = pom.replaceAll("(?s).*<pytorch.version>(.*?)</.*", "$1");
    Path jar =
        repository()
            .resolve("org/bytedeco/pytorch/" + version)
            .resolve("pytorch-" + version + "-linux-x86_64-gpu.jar");
    Files.createDirectories(jar.getParent());
    Files.createFile(jar);
    String said = run(1, "on");
    assertTrue(said.contains("a build for GPUs downloads cuda-redist-"), said);
    assertFalse(said.contains("pytorch-"), said);
  }

  @Test
  void withoutNvccNothingIsDownloaded() throws IOException, InterruptedException {
    launcher.program("cmake", CMAKE_WITHOUT_NVCC);
    String said = run(ExitCode.USAGE, "on");
    assertTrue(
        said.contains("dmt: no GPU kernels: there is no nvcc; or set DMT_GPU_KERNELS to those of"),
        said);
    assertTrue(said.contains("nothing was downloaded or built"), said);
    assertFalse(Files.exists(launcher.checkout(GPU_LOG)), said);
  }

  @Test
  void withADriverAloneTheCpusIsBuilt() throws IOException, InterruptedException {
    launcher.program("cmake", CMAKE_WITHOUT_NVCC);
    launcher.program(
        "ldconfig", "echo '        libcuda.so.1 (libc6,x86-64) => /usr/lib/libcuda.so.1'");
    String said = run(1, "auto");
    assertTrue(
        said.contains("there is an NVIDIA driver, but no GPU kernels: there is no nvcc"), said);
    assertTrue(said.contains("dmt: building for the CPU"), said);
    assertFalse(launcher.asked(CPU_LOG).contains("-Pgpu"), said);
  }

  @Test
  void aDiskThatIsTooSmallIsNamedWithBothSizes() throws IOException, InterruptedException {
    diskHas(1000);
    String said = run(ExitCode.USAGE, "on");
    assertTrue(
        said.contains("has 1000 MB to spare, a build for GPUs needs 2999"),
        said); // 455 + 344 + 2200
    assertFalse(Files.exists(launcher.checkout(GPU_LOG)), said);
    diskHas(3000);
    run(1, "on");
    assertTrue(Files.exists(launcher.checkout(GPU_LOG)));
  }

  @Test
  void kernelsOfAnotherMachineServe() throws IOException, InterruptedException {
    launcher.program("cmake", CMAKE_WITHOUT_NVCC);
    String header = Files.readString(launcher.checkout("native/src/cuda/dmt_cuda.h"));
    String version = header.replaceAll("(?s).*DMT_CUDA_INTERFACE_VERSION (\\d+).*", "$1");
    Path kernels =
        Files.writeString(
            folder.resolve("libdmt_cuda.so"), "\0\0dmt_cuda interface " + version + "\0\0");
    run(1, "on", kernels.toString());
    assertTrue(
        launcher.asked(GPU_LOG).contains("-Ddmt.cuda.prebuilt=" + kernels),
        launcher.asked(GPU_LOG));
  }

  @Test
  void kernelsThatDoNotFitAreNamed() throws IOException, InterruptedException {
    Path kernels =
        Files.writeString(folder.resolve("libdmt_cuda.so"), "\0\0dmt_cuda interface 1\0\0");
    String said = run(ExitCode.USAGE, "on", kernels.toString());
    assertTrue(
        said.contains("DMT_GPU_KERNELS: " + kernels + " has interface 1, these sources need "),
        said);
    Files.writeString(kernels, "something else");
    said = run(ExitCode.USAGE, "on", kernels.toString());
    assertTrue(said.contains(kernels + " is no library of dmt's GPU kernels"), said);
    Path jar = Files.writeString(folder.resolve("other.jar"), "no jar");
    said = run(ExitCode.USAGE, "on", jar.toString());
    assertTrue(
        said.contains("DMT_GPU_KERNELS: " + jar + " holds no libdmt_cuda.so; that of"), said);
    said = run(ExitCode.USAGE, "on", folder.resolve("none.jar").toString());
    assertEquals(1, said.lines().filter(line -> line.contains("there is no file ")).count(), said);
  }
}
