package ai.dmt.architecture;

import com.tngtech.archunit.core.domain.JavaClass;
import java.util.Map;
import java.util.Set;

/** The modules, and what each may use. */
enum Module {
  NATIVE("native"),
  JAVA_API("java-api"),
  STRATEGIES("strategies"),
  EVALUATORS("evaluators"),
  STUDIES("studies"),
  CLI("cli");

  private static final Map<Module, Set<Module>> USES =
      Map.of(
          NATIVE, Set.of(),
          JAVA_API, Set.of(NATIVE),
          STRATEGIES, Set.of(JAVA_API),
          EVALUATORS, Set.of(JAVA_API),
          STUDIES, Set.of(STRATEGIES, EVALUATORS, JAVA_API),
          CLI, Set.of(STUDIES, STRATEGIES, EVALUATORS, JAVA_API));

  private final String folder;

  Module(String folder) {
    this.folder = folder;
  }

  /** Name of its folder. */
  String folder() {
    return folder;
  }

  boolean mayUse(Module other) {
    return this == other || USES.get(this).contains(other);
  }

  /** By where the class was read from: a module's folder of classes, or its jar. */
  static Module of(JavaClass type) {
    String place = type.getSource().orElseThrow().getUri().toString();
    for (Module module : values()) {
      if (place.contains("/" + module.folder + "/target/")
          || place.contains("/dmt-" + module.folder + "-")) {
        return module;
      }
    }
    throw new AssertionError(place + " belongs to no module");
  }
}
