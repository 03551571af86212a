package ai.dmt.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.Location;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Directions between modules, and what the libraries leave to the command line. */
class ModulesTest {
  private static ModuleRules rules;
  private static JavaClasses classes;

  @BeforeAll
  static void read() {
    classes =
        new ClassFileImporter().withImportOption(ModulesTest::isMain).importPackages("ai.dmt");
    rules = new ModuleRules(classes, Module::of);
  }

  static boolean isMain(Location location) {
    return !location.contains("/test-classes/") && !location.contains("-tests.jar");
  }

  @Test
  void everyModuleIsSeen() {
    Map<Module, Long> counts =
        classes.stream().collect(Collectors.groupingBy(Module::of, Collectors.counting()));
    for (Module module : Module.values()) {
      assertTrue(counts.getOrDefault(module, 0L) > 5, () -> module + " in " + counts);
    }
  }

  @Test
  void arrowsPointDownwards() {
    assertEquals(List.of(), rules.directions());
  }

  @Test
  void librariesNeitherPrintNorExitNorReadTheEnvironment() {
    assertEquals(List.of(), rules.terminal());
  }

  /** But the template engine, where null is a value of Jinja's. */
  @Test
  void librariesSayWhatMayBeNull() {
    Set<String> unmarked =
        classes.stream()
            .filter(type -> !Set.of(Module.NATIVE, Module.CLI).contains(Module.of(type)))
            .filter(type -> !type.getPackage().isAnnotatedWith(NullMarked.class))
            .map(JavaClass::getPackageName)
            .collect(Collectors.toSet());
    assertEquals(Set.of("ai.dmt.internal.jinja"), unmarked);
  }

  @Test
  void publicTypesHaveNamesOfTheirOwn() {
    assertEquals(List.of(), rules.sameNames());
  }

  @Test
  void aReversedImportIsFound() {
    assertEquals(
        List.of(
            "%s of JAVA_API uses %s of CLI"
                .formatted(Engine.class.getName(), Command.class.getName())),
        made(Map.of(Engine.class, Module.JAVA_API, Command.class, Module.CLI)).directions());
    assertEquals(
        List.of(),
        made(Map.of(Engine.class, Module.CLI, Command.class, Module.JAVA_API)).directions());
  }

  @Test
  void aLibraryThatPrintsIsFound() {
    assertEquals(
        List.of(
            Command.class.getName() + " uses java.lang.System.getenv",
            Command.class.getName() + " uses java.lang.System.out"),
        made(Map.of(Command.class, Module.JAVA_API)).terminal());
    assertEquals(List.of(), made(Map.of(Command.class, Module.CLI)).terminal());
  }

  private static ModuleRules made(Map<Class<?>, Module> modules) {
    JavaClasses made = new ClassFileImporter().importClasses(modules.keySet());
    return new ModuleRules(made.stream().toList(), (JavaClass type) -> modules.get(type.reflect()));
  }

  /** Uses what lies above it. */
  private static final class Engine {
    Command command = new Command();
  }

  /** Does what a library must not. */
  private static final class Command {
    void print() {
      System.out.println(System.getenv("HOME"));
    }
  }
}
