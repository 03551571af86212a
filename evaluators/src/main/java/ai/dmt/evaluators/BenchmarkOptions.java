package ai.dmt.evaluators;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.text.NearestName;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a user chose of a benchmark.
 *
 * @param limit the first so many problems only; null for all
 * @param settings of the benchmark's own, by name
 */
public record BenchmarkOptions(@Nullable Integer limit, Map<String, String> settings) {
  /**
   * Checks the limit; copies the settings.
   *
   * @param limit the first so many problems only; null for all
   * @param settings of the benchmark's own, by name
   */
  public BenchmarkOptions {
    if (limit != null && limit < 1) {
      throw new ConfigException("limit must be positive, got " + limit);
    }
    settings = Map.copyOf(settings);
  }

  /** {@return options for all problems, and the benchmark's defaults} */
  public static BenchmarkOptions defaults() {
    return new BenchmarkOptions(null, Map.of());
  }

  /**
   * {@return the same for the first so many problems}
   *
   * @param value problems, at least 1
   */
  public BenchmarkOptions withLimit(int value) {
    return new BenchmarkOptions(value, settings);
  }

  /**
   * {@return the same with one more setting}
   *
   * @param name of the setting
   * @param value as text
   */
  public BenchmarkOptions with(String name, String value) {
    Map<String, String> more = new HashMap<>(settings);
    more.put(name, value);
    return new BenchmarkOptions(limit, more);
  }

  /**
   * {@return the value of a setting, or what it is by default}
   *
   * @param name of the setting
   * @param byDefault value where the user said nothing
   */
  public String setting(String name, String byDefault) {
    return settings.getOrDefault(name, byDefault);
  }

  /**
   * Refuses settings that a benchmark does not know.
   *
   * @param known names of the benchmark's settings
   * @return these options
   * @throws ConfigException naming the setting and the nearest known one
   */
  public BenchmarkOptions allowOnly(String... known) {
    for (String name : settings.keySet()) {
      if (!List.of(known).contains(name)) {
        throw new ConfigException(
            "unknown setting \"%s\"%s; known are %s"
                .formatted(
                    name,
                    NearestName.of(name, List.of(known))
                        .map(near -> ", did you mean %s?".formatted(near))
                        .orElse(""),
                    List.of(known)));
      }
    }
    return this;
  }

  /**
   * {@return the first problems, as many as the limit allows}
   *
   * @param <T> a problem
   * @param problems in the order of their file
   */
  public <T> List<T> limited(List<T> problems) {
    return limit == null ? problems : problems.subList(0, Math.min(limit, problems.size()));
  }
}
