package ai.dmt;

import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;

/**
 * The blocks of a page of documentation, and the programs among them.
 *
 * @param page relative to a module's folder
 */
public record GuidePage(Path page) {
  private static final Pattern NAME =
      Pattern.compile("^(?:public )?(?:final )?class (\\w+)", Pattern.MULTILINE);

  /** Gives all blocks of a language. @param language what follows the fence, such as java */
  public List<String> blocks(String language) throws IOException {
    return Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL)
        .matcher(Files.readString(page))
        .results()
        .map(found -> found.group(1))
        .toList();
  }

  /** Gives the only block of a language. @param language what follows the fence */
  public String block(String language) throws IOException {
    List<String> blocks = blocks(language);
    if (blocks.size() != 1) {
      throw new AssertionError(
          "%s has %s blocks of %s, expected one".formatted(page, blocks.size(), language));
    }
    return blocks.get(0);
  }

  /** Compiles the program of a class into a folder. @param name of the class, without package */
  public void compile(String name, Path folder) throws IOException {
    String program =
        blocks("java").stream()
            .filter(text -> NAME.matcher(text).results().anyMatch(m -> isOf(m, name)))
            .findFirst()
            .orElseThrow(() -> new AssertionError(page + " has no class " + name));
    Path source =
        Files.writeString(Files.createDirectories(folder).resolve(name + ".java"), program);
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    int status =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                null,
                "-proc:none",
                "-d",
                folder.toString(),
                "-cp",
                classPath,
                source.toString());
    if (status != 0) {
      throw new AssertionError("a program of " + page + " does not compile:\n" + program);
    }
  }

  /** What a folder of classes holds, over what this thread sees. @param folder of classes */
  public static URLClassLoader loader(Path folder) throws MalformedURLException {
    return new URLClassLoader(
        new URL[] {folder.toUri().toURL()}, Thread.currentThread().getContextClassLoader());
  }

  private static boolean isOf(MatchResult found, String name) {
    return found.group(1).equals(name);
  }
}
