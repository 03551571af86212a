package ai.dmt.tokenizer;

import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.util.Platform;
import ai.djl.util.Utils;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;

/**
 * DJL's native library, loaded before a tokenizer's file is looked at, so that a folder that cannot
 * hold it is not blamed on that file. DJL takes whatever lies in its cache: a library cut off by a
 * full disk would end the process at its first use, so it is compared with the jar's.
 */
final class TokenizerLibrary {
  private static final String REMEDY =
      "set the environment variable ENGINE_CACHE_DIR to a folder that can be written, with 20 MB to"
          + " spare, on a file system that is not mounted noexec";

  private static boolean loaded;

  private TokenizerLibrary() {}

  /**
   * Loads the library, once per process.
   *
   * @throws TokenizerException if it cannot be; the message names the folder and what to do
   */
  static synchronized void load() {
    if (loaded) {
      return;
    }
    goOffline();
    Platform platform = Platform.detectPlatform("tokenizers");
    String name = System.mapLibraryName("tokenizers");
    String version = "%s-cpu-%s".formatted(platform.getVersion(), platform.getClassifier());
    Path file = Utils.getEngineCacheDir("tokenizers").resolve(version).resolve(name);
    try {
      unpack("native/lib/%s/cpu/%s".formatted(platform.getClassifier(), name), file);
      LibUtils.checkStatus();
    } catch (IOException | LinkageError | RuntimeException e) {
      throw new TokenizerException(
          "%s cannot be loaded from %s: %s; %s"
              .formatted(name, file.getParent(), reason(e), REMEDY),
          e);
    }
    loaded = true;
  }

  /** DJL would download variants of the library and report its use. What is set already stays. */
  private static void goOffline() {
    setIfAbsent("ai.djl.offline", "true");
    setIfAbsent("OPT_OUT_TRACKING", "true");
  }

  private static void setIfAbsent(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }

  /** Puts the library into the cache, unless it lies there as the jar has it. */
  static void unpack(String resource, Path file) throws IOException {
    URL url = TokenizerLibrary.class.getClassLoader().getResource(resource);
    if (url == null) {
      return; // a platform without one, or an application that brings it in its own way
    }
    if (Files.isRegularFile(file) && crc32(Files.newInputStream(file)) == crc32(url)) {
      return;
    }
    Files.createDirectories(file.getParent());
    Path copy = Files.createTempFile(file.getParent(), "library", ".tmp");
    try {
      try (InputStream in = url.openStream()) {
        Files.copy(in, copy, StandardCopyOption.REPLACE_EXISTING);
      }
      // Another process may use the old file, or do the same: it goes on with what it has.
      Files.move(copy, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(copy);
    }
  }

  private static long crc32(URL url) throws IOException {
    return url.openConnection() instanceof JarURLConnection jar
        ? jar.getJarEntry().getCrc()
        : crc32(url.openStream());
  }

  private static long crc32(InputStream stream) throws IOException {
    try (CheckedInputStream in = new CheckedInputStream(stream, new CRC32())) {
      in.transferTo(OutputStream.nullOutputStream());
      return in.getChecksum().getValue();
    }
  }

  private static String reason(Throwable error) {
    Throwable cause = error;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause instanceof FileSystemException file && file.getReason() != null
        ? file.getReason() + ": " + file.getFile()
        : cause.toString();
  }
}
