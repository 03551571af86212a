package ai.dmt.bindings;

import ai.dmt.bindings.presets.EnginePresets;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import org.bytedeco.javacpp.Loader;

/**
 * Loads the engine and libtorch, once per process. Whoever uses the bindings calls {@link #load}
 * before touching any of them.
 */
public final class NativeLoader {
  private static final String[] OWN_LIBRARIES = {
    "libdmt_environment.so", "libdmt_engine.so", "libjniDmtEngine.so"
  };

  private static boolean loaded;
  private static boolean gpuJars;
  private static String gpuFault = "";

  private NativeLoader() {}

  /**
   * Loads from the folder that the system property {@link EnginePresets#NATIVE_PATH_PROPERTY}
   * names, or else from the jars on the class path, which JavaCPP unpacks into its cache. Of the
   * GPU's and the CPU's libtorch among them the GPU's is taken where there is a driver and all that
   * it needs. Does nothing the second time.
   *
   * @throws UnsatisfiedLinkError if a library is missing or does not fit; the message says which,
   *     where it was sought and what to do
   */
  public static synchronized void load() {
    if (loaded) {
      return;
    }
    String folder = System.getProperty(EnginePresets.NATIVE_PATH_PROPERTY, "");
    if (folder.isEmpty()) {
      loadFromJars();
    } else {
      loadFromFolder(new File(folder));
    }
    loaded = true;
  }

  /**
   * {@return why the jars' libtorch for GPUs was not loaded, with the remedy; empty if it was, or
   * if a folder was named}
   */
  public static synchronized String gpuFault() {
    return gpuFault;
  }

  /** Whether the libraries are those of jars for GPUs. */
  static synchronized boolean usesGpuJars() {
    return gpuJars;
  }

  private static void loadFromFolder(File folder) {
    String where = EnginePresets.NATIVE_PATH_PROPERTY + "=" + folder;
    for (String name : OWN_LIBRARIES) {
      if (!new File(folder, name).isFile()) {
        throw failure("there is no " + name, where, "name the folder that ./dmt built", null);
      }
    }
    try {
      LibraryFiles.requireWhole(folder);
    } catch (IOException e) {
      throw failure(e.getMessage(), where, "delete the folder and let ./dmt build it again", e);
    }
    // Read when JavaCPP's Loader is initialised. Without it the jars win over the folder.
    System.setProperty("org.bytedeco.javacpp.pathsFirst", "true");
    String file;
    try {
      file = Loader.load(EnginePresets.class);
    } catch (LinkageError e) {
      throw failure(reasons(e), where, remedy(e, "check the folder's libraries with ldd"), e);
    }
    if (file == null || !new File(file).getParentFile().equals(folder.getAbsoluteFile())) {
      throw failure(
          "JavaCPP was in use before and took " + file,
          where,
          "start the JVM with -Dorg.bytedeco.javacpp.pathsFirst=true",
          null);
    }
  }

  private static void loadFromJars() {
    String platform = Loader.getPlatform();
    String where = "the class path's jars for " + platform;
    if (resource(platform, OWN_LIBRARIES[0]) == null
        && resource(platform + GpuJars.EXTENSION, OWN_LIBRARIES[0]) == null) {
      throw failure(
          "there is no " + OWN_LIBRARIES[0],
          where,
          "add the jar ai.dmt:dmt-native:"
              + platform
              + ", or set "
              + EnginePresets.NATIVE_PATH_PROPERTY,
          null);
    }
    try {
      makeCacheFolder();
      Path cache = Loader.getCacheDir().toPath();
      // JavaCPP's own lock is not enough: of two processes that start on a cold cache one maps a
      // library that the other is still writing, and dies of SIGBUS.
      try (FileChannel channel =
              FileChannel.open(
                  cache.resolve(".dmt.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock lock = channel.lock()) {
        assert lock.isValid();
        deleteStale(cache.toFile(), platform, OWN_LIBRARIES);
        deleteStale(cache.toFile(), platform + GpuJars.EXTENSION, OWN_LIBRARIES);
        deleteStale(cache.toFile(), platform + GpuJars.EXTENSION, GpuJars.KERNELS);
        GpuJars.Choice choice = GpuJars.choose(platform);
        EnginePresets.setJarExtension(choice.gpu() ? GpuJars.EXTENSION : "");
        Loader.load(EnginePresets.class);
        gpuJars = choice.gpu();
        gpuFault = choice.fault();
      }
    } catch (IOException e) {
      throw failure(
          "JavaCPP's cache is of no use: " + e.getMessage(),
          where,
          "set -Dorg.bytedeco.javacpp.cachedir= to a folder that can be written",
          e);
    } catch (LinkageError e) {
      throw failure(
          reasons(e),
          where,
          remedy(
              e,
              "check that the jars of pytorch and openblas are there and that "
                  + "org.bytedeco.javacpp.cachedir has 400 MB to spare"),
          e);
    }
  }

  private static URL resource(String platform, String name) {
    String folder = NativeLoader.class.getPackageName().replace('.', '/');
    return resource(folder + "/" + platform + "/" + name);
  }

  /** A file of a jar, which may be on the class path while this class is in a module; or null. */
  static URL resource(String path) {
    URL own = NativeLoader.class.getResource("/" + path);
    return own != null ? own : NativeLoader.class.getClassLoader().getResource(path);
  }

  /**
   * JavaCPP takes a folder that another process makes at the same moment for one that cannot be
   * made, and goes on to its next choice.
   */
  private static void makeCacheFolder() throws IOException {
    String chosen = System.getProperty("org.bytedeco.javacpp.cachedir", "");
    Path home = Path.of(System.getProperty("user.home", ""), ".javacpp", "cache");
    try {
      Files.createDirectories(chosen.isEmpty() ? home : Path.of(chosen));
    } catch (IOException e) {
      if (!chosen.isEmpty()) {
        throw e;
      } // without a home that can be written JavaCPP takes the folder of temporary files
    }
  }

  /**
   * Deletes what an older jar of the same name left in the cache. JavaCPP compares sizes and times,
   * but our jars are reproducible: all their entries carry the same time.
   */
  private static void deleteStale(File cache, String platform, String... names) throws IOException {
    for (String name : names) {
      URL url = resource(platform, name);
      if (url != null && url.openConnection() instanceof JarURLConnection jar) {
        File entry = new File(jar.getJarEntry().getName());
        String jarName = new File(jar.getJarFile().getName()).getName();
        File cached = new File(cache, jarName + "/" + entry.getParent() + "/" + name);
        if (cached.isFile() && crc32(cached) != jar.getJarEntry().getCrc() && !cached.delete()) {
          throw new IOException("an outdated file cannot be deleted: " + cached);
        }
      }
    }
  }

  private static long crc32(File file) throws IOException {
    CRC32 crc = new CRC32();
    try (InputStream in = new CheckedInputStream(new FileInputStream(file), crc)) {
      in.transferTo(java.io.OutputStream.nullOutputStream());
    }
    return crc.getValue();
  }

  /** What the dynamic linker says of a file system mounted noexec names no cause. */
  private static String remedy(LinkageError error, String otherwise) {
    return reasons(error).contains("failed to map segment")
        ? "the file system is mounted noexec: take a folder on another one, for the cache with "
            + "-Dorg.bytedeco.javacpp.cachedir="
        : otherwise;
  }

  /** The messages of an error and its causes, without repetitions. */
  private static String reasons(Throwable error) {
    Set<String> messages = new LinkedHashSet<>();
    for (Throwable t = error; t != null; t = t.getCause()) {
      if (t.getMessage() != null) {
        messages.add(t.getMessage());
      }
    }
    return String.join("; ", messages);
  }

  private static UnsatisfiedLinkError failure(
      String what, String where, String remedy, Throwable cause) {
    UnsatisfiedLinkError error =
        new UnsatisfiedLinkError(
            "the native engine cannot be loaded: %s; searched: %s; %s"
                .formatted(what, where, remedy));
    error.initCause(cause);
    return error;
  }
}
