package ai.dmt.evaluators;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.text.NearestName;
import java.util.List;
import java.util.ServiceLoader;
import java.util.ServiceLoader.Provider;

/** Finds evaluators by name, those of other jars on the class path included. */
public final class Evaluators {
  private Evaluators() {}

  /** {@return the names of all evaluators, in alphabetical order} */
  public static List<String> names() {
    return all().stream().map(Evaluator::name).sorted().toList();
  }

  /**
   * {@return the evaluator of a benchmark}
   *
   * @param name of the benchmark, such as "gsm8k"
   * @throws ConfigException if none has this name, or more than one has
   */
  public static Evaluator byName(String name) {
    List<Evaluator> found = all().stream().filter(each -> each.name().equals(name)).toList();
    if (found.size() > 1) {
      throw new ConfigException(
          "benchmark \"%s\" has several evaluators: %s"
              .formatted(name, found.stream().map(each -> each.getClass().getName()).toList()));
    }
    if (found.isEmpty()) {
      throw new ConfigException(
          "no benchmark is named \"%s\"%s; known are %s"
              .formatted(
                  name,
                  NearestName.of(name, names())
                      .map(near -> ", did you mean %s?".formatted(near))
                      .orElse(""),
                  String.join(", ", names())));
    }
    return found.get(0);
  }

  private static List<Evaluator> all() {
    return ServiceLoader.load(Evaluator.class).stream().map(Provider::get).toList();
  }
}
