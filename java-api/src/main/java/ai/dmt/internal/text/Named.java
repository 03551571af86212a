package ai.dmt.internal.text;

import ai.dmt.config.ConfigException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** Finds values, such as those of an enumeration, by the names that users write. */
public final class Named {
  private Named() {}

  /**
   * Finds what a setting means.
   *
   * @param <T> type of the values
   * @param key of the setting
   * @param values in the order in which they are listed
   * @param text name of each
   * @param given by the user
   * @return the value of this name
   * @throws ConfigException if there is none; lists the names
   */
  public static <T> T setting(String key, T[] values, Function<T, String> text, String given) {
    return find(values, text, given)
        .orElseThrow(
            () ->
                new ConfigException(
                    "%s must be one of %s, got \"%s\""
                        .formatted(key, String.join(", ", names(values, text)), given)));
  }

  /**
   * Finds one of several things of a kind.
   *
   * @param <T> type of the values
   * @param kind such as "prompt of gsm8k"
   * @param values in the order in which they are listed
   * @param text name of each
   * @param given by the user
   * @param others names that are known, too, but are none of the values; listed first
   * @return the value of this name
   * @throws ConfigException if there is none; has the nearest name and all
   */
  public static <T> T ofKind(
      String kind, T[] values, Function<T, String> text, String given, String... others) {
    return find(values, text, given)
        .orElseThrow(
            () -> {
              List<String> known =
                  Stream.concat(Arrays.stream(others), names(values, text).stream()).toList();
              return new ConfigException(
                  "no %s is named \"%s\", did you mean %s? known are %s"
                      .formatted(
                          kind,
                          given,
                          NearestName.of(given, known).orElseThrow(),
                          String.join(", ", known)));
            });
  }

  private static <T> Optional<T> find(T[] values, Function<T, String> text, String given) {
    return Arrays.stream(values).filter(value -> text.apply(value).equals(given)).findFirst();
  }

  private static <T> List<String> names(T[] values, Function<T, String> text) {
    return Arrays.stream(values).map(text).toList();
  }
}
