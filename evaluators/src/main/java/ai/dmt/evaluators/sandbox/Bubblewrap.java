package ai.dmt.evaluators.sandbox;

import ai.dmt.config.ConfigException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Namespaces by bubblewrap: no network, no processes but the program's own, a file system of the
 * system's programs and the interpreter, read-only, and small private /tmp and /dev/shm.
 *
 * <p>There are two ways. Root's: the supervisor begins as root and becomes another user, since the
 * kernel's limit on processes does not hold for root, whatever a user namespace calls it. Any
 * user's: a user namespace.
 */
record Bubblewrap(Path executable, Set<String> options, boolean changesUser) implements Isolation {
  private static final Path SYSTEM = Path.of("/usr");

  /** Links into /usr, or folders of their own, depending on the system. */
  private static final List<String> SYSTEM_FOLDERS =
      List.of("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32");

  /** What the dynamic linker, and libraries with alternatives, read. */
  private static final List<String> SETTINGS = List.of("/etc/ld.so.cache", "/etc/alternatives");

  private static final String NOBODY = "65534";

  /**
   * The ways to try on this machine, the best one first.
   *
   * @throws ConfigException if bubblewrap is not installed
   */
  static List<Isolation> find() {
    Path executable =
        onPath("bwrap")
            .orElseThrow(
                () ->
                    new ConfigException(
                        "no sandbox: bubblewrap is not installed; install the package bubblewrap"));
    Set<String> options = options(executable);
    List<Isolation> ways = new ArrayList<>();
    if (isRoot()) {
      ways.add(new Bubblewrap(executable, options, true));
    }
    ways.add(new Bubblewrap(executable, options, false));
    return ways;
  }

  @Override
  public List<String> command(
      PythonInterpreter python, SandboxLimits limits, List<String> interpreterArguments) {
    List<String> words = new ArrayList<>(List.of(executable.toString()));
    add(words, "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts");
    add(words, "--unshare-cgroup-try", "--hostname", "sandbox");
    add(words, "--new-session", "--die-with-parent", "--as-pid-1", "--cap-drop", "ALL");
    if (changesUser) {
      add(words, "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID");
    } else {
      add(words, "--unshare-user", "--uid", NOBODY, "--gid", NOBODY);
      if (options.contains("--disable-userns")) {
        add(words, "--disable-userns");
      }
    }
    add(words, "--proc", "/proc", "--dev", "/dev");
    addPrivateFolder(words, "/dev/shm", limits);
    addPrivateFolder(words, "/tmp", limits);
    addFiles(words, python); // last, since an interpreter may lie under /tmp
    add(words, "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/tmp", "--");
    words.add(python.executable().toString());
    words.addAll(interpreterArguments);
    return words;
  }

  @Override
  public boolean hasOwnFiles() {
    return true;
  }

  @Override
  public boolean works() {
    List<String> words = new ArrayList<>(List.of(executable.toString()));
    add(words, "--unshare-pid", "--unshare-net", "--ro-bind", SYSTEM.toString(), SYSTEM.toString());
    if (!changesUser) {
      add(words, "--unshare-user");
    }
    addFiles(words, new PythonInterpreter(SYSTEM, List.of(), List.of(), List.of()));
    add(words, "--", "/usr/bin/true");
    try {
      Process process =
          new ProcessBuilder(words)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      process.getOutputStream().close();
      return process.waitFor() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Override
  public String description() {
    return changesUser ? "bubblewrap as root" : "bubblewrap with a user namespace";
  }

  private static void addFiles(List<String> words, PythonInterpreter python) {
    add(words, "--ro-bind", SYSTEM.toString(), SYSTEM.toString());
    for (String folder : SYSTEM_FOLDERS) {
      Path path = Path.of(folder);
      if (Files.isSymbolicLink(path)) {
        add(words, "--symlink", target(path), folder);
      } else if (Files.exists(path)) {
        add(words, "--ro-bind", folder, folder);
      }
    }
    List<Path> more = new ArrayList<>();
    SETTINGS.forEach(file -> more.add(Path.of(file)));
    more.addAll(python.files());
    more.removeIf(file -> isSystem(file) || !Files.exists(file));
    List<Path> links = new ArrayList<>(python.links());
    links.removeIf(link -> isSystem(link) || more.stream().anyMatch(link::startsWith));
    // Otherwise bubblewrap makes them for the owner only, who is not the program's user.
    Set<Path> parents = new LinkedHashSet<>();
    more.forEach(file -> addParents(parents, file));
    links.forEach(link -> addParents(parents, link));
    parents.forEach(parent -> add(words, "--dir", parent.toString()));
    more.forEach(file -> add(words, "--ro-bind", file.toString(), file.toString()));
    links.forEach(link -> add(words, "--symlink", target(link), link.toString()));
  }

  private static boolean isSystem(Path file) {
    return file.startsWith(SYSTEM) || SYSTEM_FOLDERS.stream().anyMatch(file::startsWith);
  }

  private static void addParents(Set<Path> parents, Path file) {
    Path parent = file.getParent();
    if (parent != null && parent.getParent() != null) { // "/" is there
      addParents(parents, parent);
      parents.add(parent);
    }
  }

  /** Older versions cannot bound the size; there the supervisor's own watch has to do. */
  private void addPrivateFolder(List<String> words, String folder, SandboxLimits limits) {
    if (options.contains("--size")) {
      // More than allowed, so that the watch sees and names what happens.
      add(words, "--size", Long.toString(2 * limits.fileBytes()));
    }
    add(words, "--tmpfs", folder);
  }

  private static void add(List<String> words, String... more) {
    words.addAll(List.of(more));
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException e) {
      throw new ConfigException("no sandbox: cannot read the link " + link, e);
    }
  }

  private static boolean isRoot() {
    try {
      return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
    } catch (IOException e) {
      throw new ConfigException("no sandbox: it needs Linux with /proc", e);
    }
  }

  static Optional<Path> onPath(String name) {
    String path = System.getenv().getOrDefault("PATH", "/usr/local/bin:/usr/bin:/bin");
    for (String folder : path.split(":")) {
      Path file = Path.of(folder, name);
      if (file.isAbsolute() && Files.isExecutable(file)) {
        return Optional.of(file);
      }
    }
    return Optional.empty();
  }

  private static Set<String> options(Path executable) {
    try {
      Process process =
          new ProcessBuilder(executable.toString(), "--help").redirectErrorStream(true).start();
      process.getOutputStream().close();
      byte[] help = process.getInputStream().readAllBytes();
      return Set.copyOf(
          new LinkedHashSet<>(
              List.of(new String(help, StandardCharsets.UTF_8).strip().split("\\s+"))));
    } catch (IOException e) {
      throw new ConfigException("no sandbox: cannot start " + executable, e);
    }
  }
}
