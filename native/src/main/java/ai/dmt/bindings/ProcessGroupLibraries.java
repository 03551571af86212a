package ai.dmt.bindings;

import ai.dmt.bindings.presets.EnginePresets;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import org.bytedeco.javacpp.Loader;

/**
 * The JNI libraries of the presets for PyTorch, which a run of several ranks needs to make its
 * process groups. They are loaded next to the libtorch that the engine stands on.
 *
 * <p>JavaCPP's own way would load a second set of libraries, BLAS included, so it is switched off
 * while classes of the presets are initialised.
 */
public final class ProcessGroupLibraries {
  private static final String LOADS_LIBRARIES = "org.bytedeco.javacpp.loadLibraries";
  private static final String PYTORCH = "org/bytedeco/pytorch";

  private static boolean loaded;
  private static boolean ncclLoaded;

  private ProcessGroupLibraries() {}

  /**
   * Loads the libraries, the engine's first, and initialises the classes of the presets that are
   * going to be used. Does nothing the second time.
   *
   * @throws UnsatisfiedLinkError if a library is missing; the message says which
   */
  public static synchronized void load(Class<?>... classes) {
    if (loaded) {
      return;
    }
    NativeLoader.load();
    // In the order in which they need each other.
    System.load(file("org/bytedeco/javacpp", "libjnijavacpp.so").getAbsolutePath());
    System.load(file(PYTORCH, "libjnitorch.so").getAbsolutePath());
    System.load(file(PYTORCH, "libjnitorch_gloo.so").getAbsolutePath());
    initialise(classes);
    loaded = true;
  }

  /**
   * Loads the presets' library for NCCL and initialises its classes. The other libraries are there,
   * and the engine has loaded libtorch's CUDA part and what that needs. Does nothing the second
   * time.
   *
   * @throws UnsatisfiedLinkError if a library is missing; the message says which
   */
  public static synchronized void loadNccl(Class<?>... classes) {
    if (ncclLoaded) {
      return;
    }
    System.load(file(PYTORCH, "libjnitorch_nccl.so").getAbsolutePath());
    initialise(classes);
    ncclLoaded = true;
  }

  private static void initialise(Class<?>... classes) {
    String before = System.getProperty(LOADS_LIBRARIES);
    System.setProperty(LOADS_LIBRARIES, "false");
    try {
      for (Class<?> type : classes) {
        Class.forName(type.getName(), true, type.getClassLoader());
      }
    } catch (ClassNotFoundException e) {
      throw new NoClassDefFoundError(e.getMessage());
    } finally {
      if (before == null) {
        System.clearProperty(LOADS_LIBRARIES);
      } else {
        System.setProperty(LOADS_LIBRARIES, before);
      }
    }
  }

  private static File file(String resourceFolder, String name) {
    String folder = System.getProperty(EnginePresets.NATIVE_PATH_PROPERTY, "");
    if (!folder.isEmpty()) {
      File file = new File(folder, name);
      if (!file.isFile()) {
        throw new UnsatisfiedLinkError(
            "process groups need %s, which is not in %s=%s%s"
                .formatted(
                    name,
                    EnginePresets.NATIVE_PATH_PROPERTY,
                    folder,
                    name.contains("nccl") ? "; build with the Maven profile gpu" : ""));
      }
      return file;
    }
    // Those of libtorch belong to the one that was taken, NCCL's to the GPU's; JavaCPP has one for
    // both.
    boolean gpu =
        resourceFolder.equals(PYTORCH) && (NativeLoader.usesGpuJars() || name.contains("nccl"));
    String platform = Loader.getPlatform() + (gpu ? GpuJars.EXTENSION : "");
    URL url = NativeLoader.resource("%s/%s/%s".formatted(resourceFolder, platform, name));
    if (url == null) {
      throw new UnsatisfiedLinkError(
          "process groups need %s, which is in no jar on the class path; add %s with the classifier %s"
              .formatted(
                  name,
                  resourceFolder.replace('/', '.').replace("org.bytedeco.", "org.bytedeco:"),
                  platform));
    }
    try {
      return Loader.cacheResource(url);
    } catch (IOException e) {
      throw new UnsatisfiedLinkError(
          "process groups need %s, which cannot be unpacked: %s".formatted(name, e.getMessage()));
    }
  }
}
