package ai.dmt.architecture;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/** Breaches of the rules, a line each; none if all is well. */
final class ModuleRules {
  /** What the command line alone may do, as owner and name of what is called or read. */
  private static final List<String> FOR_CLI =
      List.of(
          "java.lang.System.exit",
          "java.lang.System.out",
          "java.lang.System.err",
          "java.lang.System.in",
          "java.lang.System.getenv",
          "java.lang.Runtime.exit",
          "java.lang.Runtime.halt",
          "java.lang.Throwable.printStackTrace");

  /** It looks up a command as a shell does. */
  private static final String LOOKS_UP_COMMANDS = "ai.dmt.evaluators.sandbox.Bubblewrap";

  private final Collection<JavaClass> classes;
  private final Function<JavaClass, Module> module;

  ModuleRules(Collection<JavaClass> classes, Function<JavaClass, Module> module) {
    this.classes = classes;
    this.module = module;
  }

  /** Uses of a module by one that must not know it. */
  List<String> directions() {
    TreeSet<String> breaches = new TreeSet<>();
    for (JavaClass from : classes) {
      from.getDirectDependenciesFromSelf().stream()
          .map(each -> each.getTargetClass().getBaseComponentType())
          .filter(classes::contains)
          .filter(to -> !module.apply(from).mayUse(module.apply(to)))
          .forEach(
              to ->
                  breaches.add(
                      "%s of %s uses %s of %s"
                          .formatted(
                              from.getName(), module.apply(from), to.getName(), module.apply(to))));
    }
    return List.copyOf(breaches);
  }

  /** Printing, ending the process, reading the environment and picocli outside the command line. */
  List<String> terminal() {
    TreeSet<String> breaches = new TreeSet<>();
    for (JavaClass from : classes) {
      if (module.apply(from) == Module.CLI) {
        continue;
      }
      for (JavaAccess<?> access : from.getAccessesFromSelf()) {
        String target = access.getTargetOwner().getName() + "." + access.getName();
        if (FOR_CLI.contains(target) && !from.getName().equals(LOOKS_UP_COMMANDS)) {
          breaches.add(from.getName() + " uses " + target);
        }
      }
      from.getDirectDependenciesFromSelf().stream()
          .map(each -> each.getTargetClass().getName())
          .filter(name -> name.startsWith("picocli.") || name.startsWith("me.tongfei."))
          .forEach(name -> breaches.add(from.getName() + " uses " + name));
    }
    return List.copyOf(breaches);
  }

  /** Public types with the same simple name; the binding's are not for users. */
  List<String> sameNames() {
    Map<String, List<String>> names = new TreeMap<>();
    for (JavaClass type : classes) {
      if (module.apply(type) != Module.NATIVE
          && type.isTopLevelClass()
          && type.getModifiers().contains(JavaModifier.PUBLIC)
          && !type.getSimpleName().equals("package-info")) {
        names.computeIfAbsent(type.getSimpleName(), name -> new ArrayList<>()).add(type.getName());
      }
    }
    return names.values().stream()
        .filter(same -> same.size() > 1)
        .map(same -> String.join(" and ", new TreeSet<>(same)))
        .toList();
  }
}
