package ai.dmt.cli;

import ai.dmt.internal.files.Sha256;
import ai.dmt.internal.files.WholeFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jline.nativ.CLibrary;
import org.jline.nativ.OSInfo;

/**
 * JLine's native library in one place of dmt's cache. JLine itself unpacks it into the temporary
 * folder for each process anew, and leaves it there when the process is killed.
 */
final class TerminalLibrary {
  /** Where JLine looks before it unpacks. */
  private static final String PLACE = "library.jline.path";

  private TerminalLibrary() {}

  /** Tells JLine where its library is; before JLine's first native call. */
  static void place(Path cache) {
    if (System.getProperty(PLACE) != null) {
      return; // somebody has it elsewhere
    }
    String name = System.mapLibraryName("jlinenative");
    String resource =
        "/org/jline/nativ/%s/%s".formatted(OSInfo.getNativeLibFolderPathForCurrentOS(), name);
    try (InputStream in = CLibrary.class.getResourceAsStream(resource)) {
      if (in != null) {
        System.setProperty(PLACE, unpacked(cache, name, in.readAllBytes()).toString());
      }
    } catch (IOException e) {
      return; // a cache that cannot be written; JLine uses the temporary folder
    }
  }

  /** The folder of the library; of other bytes it is another one. */
  private static Path unpacked(Path cache, String name, byte[] library) throws IOException {
    Path folder = cache.resolve("jline-" + Sha256.of(library).substring(0, 16));
    Path file = folder.resolve(name);
    if (!Files.exists(file)) {
      WholeFile.replace(file, library); // whole for any other process
    }
    return folder;
  }
}
