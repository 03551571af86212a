package ai.dmt.bindings.presets;

import java.io.File;
import java.util.List;
import org.bytedeco.javacpp.ClassProperties;
import org.bytedeco.javacpp.LoadEnabled;
import org.bytedeco.javacpp.annotation.Platform;
import org.bytedeco.javacpp.annotation.Properties;
import org.bytedeco.javacpp.tools.Info;
import org.bytedeco.javacpp.tools.InfoMap;
import org.bytedeco.javacpp.tools.InfoMapper;

/**
 * How JavaCPP maps the headers of {@code dmt/} and finds the libraries behind them. Of the presets
 * for PyTorch and OpenBLAS only the shared libraries are loaded, never their JNI libraries.
 */
@Properties(
    value =
        @Platform(
            value = "linux-x86_64",
            include = {"dmt/engine.h", "dmt/loopback.h"},
            // Names of files and messages, whatever the locale of the JVM.
            define = "STRING_BYTES_CHARSET \"UTF-8\"",
            // In the order in which they need each other, behind the one that sets what the others
            // read while they are loaded. Whoever asks for libgomp later by its name gets this one,
            // so that there is a single OpenMP runtime.
            preload = {
              "dmt_environment",
              "gomp@.1",
              "quadmath@.0",
              "gfortran@.5",
              "openblas@.0",
              "c10",
              "torch_cpu"
            },
            preloadresource = {"/org/bytedeco/pytorch/", "/org/bytedeco/openblas/"},
            link = "dmt_engine"),
    target = "ai.dmt.bindings",
    global = "ai.dmt.bindings.DmtEngine")
public class EnginePresets implements InfoMapper, LoadEnabled {

  /** System property: a folder that holds all libraries; they are then taken from nowhere else. */
  public static final String NATIVE_PATH_PROPERTY = "dmt.native.path";

  private static volatile String jarExtension = "";

  /**
   * Says which folders of jars go first: those of the platform with this behind, or, if it is
   * empty, those of the platform alone. To be called before anything is loaded.
   */
  public static void setJarExtension(String extension) {
    jarExtension = extension;
  }

  @Override
  public void init(ClassProperties properties) {
    String folder = System.getProperty(NATIVE_PATH_PROPERTY);
    if (folder == null || folder.isEmpty()) {
      List<String> extensions = properties.get("platform.extension");
      extensions.clear();
      if (!jarExtension.isEmpty()) {
        extensions.add(jarExtension);
      }
      return;
    }
    properties.get("platform.preloadresource").clear();
    List<String> paths = properties.get("platform.preloadpath");
    paths.clear();
    paths.add(folder);
    // A stock libtorch has its BLAS inside. What the folder lacks must not come from elsewhere.
    properties.get("platform.preload").removeIf(name -> !libraryFile(folder, name).exists());
  }

  /** The file of a library in JavaCPP's spelling: {@code gomp@.1} is libgomp.so.1. */
  private static File libraryFile(String folder, String name) {
    String[] parts = name.split("@");
    return new File(folder, "lib" + parts[0] + ".so" + (parts.length > 1 ? parts[1] : ""));
  }

  @Override
  public void map(InfoMap infoMap) {
    infoMap
        .put(
            new Info(
                    "dmt::AdapterTarget",
                    "dmt::BaseWeights",
                    "dmt::DType",
                    "dmt::Device",
                    "dmt::Pooling",
                    "dmt::Recompute",
                    "dmt::RopeScaling",
                    "dmt::Sharding",
                    "dmt::StateMemory",
                    "dmt::GradientReduction",
                    "dmt::ReduceCollective",
                    "dmt::GroupKind",
                    "dmt::GpuCheck")
                .enumerate())
        // The implementation is incomplete in the header.
        .put(
            new Info(
                    "dmt::Engine::Impl",
                    "dmt::Generation::Impl",
                    "dmt::GradientSet::Impl",
                    "dmt::TrainingState::Impl")
                .skip());
  }
}
