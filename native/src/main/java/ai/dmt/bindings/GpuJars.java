package ai.dmt.bindings;

import java.io.File;
import java.io.IOException;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URL;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.Loader;

/**
 * The GPU's libtorch, where its jar is on the class path: whether this process can use it. It needs
 * some of NVIDIA's libraries even for work on the CPU, so all that it needs is loaded before it.
 * Where something is missing the CPU's libtorch is taken, and whoever asks for a GPU is told why.
 */
final class GpuJars {
  /** Behind the platform, in the classifier of jars and in the folders in them. */
  static final String EXTENSION = "-gpu";

  static final String KERNELS = "libdmt_cuda.so";

  private static final String OWN = "ai/dmt/bindings/";
  private static final String PYTORCH = "org/bytedeco/pytorch/";
  private static final String CUDA = "org/bytedeco/cuda/";
  private static final String CUDA_RUNTIME = "libcudart.so.13";

  /** These must lie beside each other before one of them is loaded. */
  private static final Pattern TORCH_FILES =
      Pattern.compile("lib(c10|c10_cuda|torch_cpu|torch_cuda)\\.so");

  /** Of CUDA's libraries those that libtorch needs, and what they load themselves. */
  private static final Pattern CUDA_FILES =
      Pattern.compile(
          "lib(cudart|cufft|cufile|cufile_rdma|cupti|curand|nvJitLink|nvrtc|nvrtc-builtins)"
              + "\\.so\\..*");

  /** What {@link NativeLoader} loads beside them, from other jars. */
  private static final List<String> BROUGHT =
      List.of("libgomp.so.1", "libopenblas.so.0", "libgfortran.so.5", "libquadmath.so.0");

  /**
   * Which libtorch is taken.
   *
   * @param gpu whether it is the GPU's
   * @param fault why it is not, with the remedy; empty if it is
   */
  record Choice(boolean gpu, String fault) {}

  private final String platform;

  private GpuJars(String platform) {
    this.platform = platform;
  }

  /**
   * Chooses, and loads what the GPU's libtorch needs if that is chosen.
   *
   * @throws IOException if a library cannot be unpacked
   * @throws UnsatisfiedLinkError if there is no other libtorch, and what it needs is missing
   */
  static Choice choose(String platform) throws IOException {
    return new GpuJars(platform).choose();
  }

  private Choice choose() throws IOException {
    URL torch = NativeLoader.resource(PYTORCH + platform + EXTENSION + "/libtorch_cuda.so");
    if (torch == null) {
      return new Choice(false, "the libtorch of this class path is the CPU's; " + jarsToAdd());
    }
    loadEnvironment();
    String driver = GpuRuntime.missingDriver();
    if (NativeLoader.resource(PYTORCH + platform + "/libtorch_cpu.so") == null) {
      return theOnlyOne(torch, driver);
    }
    if (!driver.isEmpty()) {
      return new Choice(false, "no NVIDIA driver: " + driver);
    }
    String fault;
    try {
      fault = loadNeeds(torch, "libtorch_cuda.so");
    } catch (IOException e) {
      return new Choice(false, "the libraries for GPUs cannot be unpacked: " + e.getMessage());
    }
    if (!fault.isEmpty()) {
      return new Choice(false, fault + (kernels() == null ? "; " + jarsToAdd() : ""));
    }
    unpackKernels();
    return new Choice(true, "");
  }

  /** What its GPU part lacks is told by the engine when it is asked for. */
  private Choice theOnlyOne(URL torch, String driver) throws IOException {
    if (!driver.isEmpty() || !loadNeeds(torch, "libtorch_cuda.so").isEmpty()) {
      String fault = loadNeeds(torch, "libtorch_cpu.so");
      if (!fault.isEmpty()) {
        throw new UnsatisfiedLinkError(fault);
      }
    }
    unpackKernels();
    return new Choice(true, "");
  }

  /** Unpacks, and loads what one of libtorch's libraries needs. @return what is missing */
  private String loadNeeds(URL torch, String library) throws IOException {
    File folder = unpack(torch, TORCH_FILES);
    URL runtime = NativeLoader.resource(CUDA + platform + "/" + CUDA_RUNTIME);
    List<File> cuda = runtime == null ? List.of() : List.of(unpack(runtime, CUDA_FILES));
    return GpuRuntime.load(new File(folder, library), cuda, BROUGHT);
  }

  private void loadEnvironment() throws IOException {
    String name = "libdmt_environment.so";
    URL own = NativeLoader.resource(OWN + platform + EXTENSION + "/" + name);
    URL url = own == null ? NativeLoader.resource(OWN + platform + "/" + name) : own;
    System.load(Loader.cacheResource(url).getAbsolutePath());
  }

  private URL kernels() {
    return NativeLoader.resource(OWN + platform + EXTENSION + "/" + KERNELS);
  }

  /** The engine looks for them beside itself, and comes from the same jar. */
  private void unpackKernels() throws IOException {
    if (kernels() != null) {
      Loader.cacheResource(kernels());
    }
  }

  /** Those that are not on the class path yet. */
  private String jarsToAdd() {
    List<String> jars = new ArrayList<>();
    if (NativeLoader.resource(PYTORCH + platform + EXTENSION + "/libtorch_cuda.so") == null) {
      jars.add("org.bytedeco:pytorch:" + platform + EXTENSION);
      if (NativeLoader.resource(CUDA + platform + "/" + CUDA_RUNTIME) == null) {
        jars.add("org.bytedeco:cuda-redist:" + platform + " (unless the machine has CUDA 13)");
      }
    }
    if (kernels() == null) {
      jars.add("ai.dmt:dmt-native:" + platform + EXTENSION);
    }
    return "add "
        + String.join(", ", jars)
        + (jars.size() == 1 ? ", whose version dmt-bom has" : ", whose versions dmt-bom has");
  }

  /** Unpacks files of a folder of a jar. @return where they are */
  private static File unpack(URL one, Pattern names) throws IOException {
    if (!(one.openConnection() instanceof JarURLConnection jar)) {
      return new File(URI.create(one.toString())).getParentFile(); // they lie unpacked
    }
    String folder = jar.getEntryName().substring(0, jar.getEntryName().lastIndexOf('/') + 1);
    List<JarEntry> entries =
        jar.getJarFile().stream()
            .filter(
                entry ->
                    entry.getName().startsWith(folder)
                        && names.matcher(entry.getName().substring(folder.length())).matches())
            .toList();
    requireSpace(new File(jar.getJarFile().getName()).getName(), entries);
    for (JarEntry entry : entries) {
      Loader.cacheResource(NativeLoader.resource(entry.getName()));
    }
    return Loader.cacheResource(one).getParentFile();
  }

  private static void requireSpace(String jar, List<JarEntry> entries) throws IOException {
    File cache = Loader.getCacheDir();
    long missing = 0;
    for (JarEntry entry : entries) {
      if (new File(cache, jar + "/" + entry.getName()).length() != entry.getSize()) {
        missing += entry.getSize();
      }
    }
    if (missing > cache.getUsableSpace()) {
      throw new IOException(
          "%s has %s MB to spare, the libraries of %s need %s"
              .formatted(
                  cache,
                  Long.toString(cache.getUsableSpace() >> 20),
                  jar,
                  Long.toString(missing >> 20)));
    }
  }
}
