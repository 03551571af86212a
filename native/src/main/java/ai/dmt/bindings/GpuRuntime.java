package ai.dmt.bindings;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * NVIDIA's driver and libraries, found and loaded before libtorch is. The natives are in
 * libdmt_environment, which {@link NativeLoader} loads before all others.
 */
final class GpuRuntime {
  private GpuRuntime() {}

  /** Why the driver's library cannot be loaded; empty if it is. */
  static String missingDriver() {
    return text(driverFault());
  }

  /**
   * Loads what a library of libtorch needs of NVIDIA's, from wherever toolkit, pip, conda and the
   * system have it.
   *
   * @param folders searched before all others
   * @param brought names that are loaded in another way
   * @return all that is missing, with the remedies; empty if all is loaded
   */
  static String load(File library, List<File> folders, List<String> brought) {
    return text(
        loadNeeds(
            bytes(library.getAbsolutePath()),
            folders.stream().map(folder -> bytes(folder.getAbsolutePath())).toArray(byte[][]::new),
            brought.stream().map(GpuRuntime::bytes).toArray(byte[][]::new)));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static native byte[] driverFault();

  private static native byte[] loadNeeds(byte[] library, byte[][] folders, byte[][] brought);
}
