package ai.dmt.run;

import ai.dmt.data.TemplateNames;
import ai.dmt.engine.DeviceConfig;
import ai.dmt.internal.text.Faults;
import ai.dmt.internal.text.NearestName;
import ai.dmt.internal.text.TimeSpan;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.TreeSet;

/**
 * Typed access to {@code key=value} texts. Faults are collected and reported together by {@link
 * #finish}; until then a faulty setting reads as its default.
 */
final class SettingReader {
  private final Map<String, String> texts;
  private final Faults faults = new Faults("settings");
  private final Map<String, Object> resolved = new LinkedHashMap<>();
  private final TreeSet<String> aliases = new TreeSet<>();

  SettingReader(Map<String, String> texts) {
    this.texts = new LinkedHashMap<>(texts);
  }

  /** Lets a setting be given under another name; both at once are a fault. */
  void alias(String alias, String name) {
    aliases.add(alias);
    String text = texts.remove(alias);
    if (text != null) {
      faults.require(
          !texts.containsKey(name),
          "%s=%s and %s=%s exclude each other: they are the same setting"
              .formatted(alias, text, name, texts.get(name)));
      texts.putIfAbsent(name, text);
    }
  }

  /** Lets {@code flag=true} stand for {@code name=value}. */
  void flag(String flag, String name, String value) {
    aliases.add(flag);
    String text = texts.remove(flag);
    if (text == null) {
      return;
    }
    boolean on = text.equals("true");
    faults.require(
        on || text.equals("false"), "%s must be true or false, got \"%s\"".formatted(flag, text));
    faults.require(
        !on || !texts.containsKey(name) || texts.get(name).equals(value),
        "%s=true and %s=%s exclude each other".formatted(flag, name, texts.get(name)));
    if (on) {
      texts.put(name, value);
    }
  }

  int positiveInt(String name, int absent) {
    return (int) whole(name, absent, 1, Integer.MAX_VALUE);
  }

  long positiveLong(String name, long absent) {
    return whole(name, absent, 1, Long.MAX_VALUE);
  }

  long notNegativeLong(String name, long absent) {
    return whole(name, absent, 0, Long.MAX_VALUE);
  }

  int notNegativeInt(String name, int absent) {
    return (int) whole(name, absent, 0, Integer.MAX_VALUE);
  }

  /** The number of a GPU, or {@link DeviceConfig#LOCAL_RANK}. */
  int gpuIndex(String name, int absent) {
    return (int) whole(name, absent, DeviceConfig.LOCAL_RANK, Integer.MAX_VALUE);
  }

  long anyLong(String name, long absent) {
    return whole(name, absent, Long.MIN_VALUE, Long.MAX_VALUE);
  }

  double positive(String name, double absent) {
    double value = number(name, absent);
    faults.positive(name, value);
    return usable(value > 0, value, absent);
  }

  double notNegative(String name, double absent) {
    double value = number(name, absent);
    faults.notNegative(name, value);
    return usable(value >= 0, value, absent);
  }

  /** A share in [0, 1). */
  double share(String name, double absent) {
    double value = number(name, absent);
    faults.inHalfOpenRange(name, value, 0, 1);
    return usable(value >= 0 && value < 1, value, absent);
  }

  /** A time, such as 3h30m; zero if it is absent. */
  Duration time(String name) {
    String text = texts.getOrDefault(name, "0");
    Optional<Duration> time = TimeSpan.parse(text);
    faults.require(
        time.isPresent(), "%s must be %s, got \"%s\"".formatted(name, TimeSpan.EXPECTED, text));
    resolved.put(name, text);
    return time.orElse(Duration.ZERO);
  }

  /** One of some words, in any case. */
  String choice(String name, String absent, List<String> choices) {
    String text = texts.getOrDefault(name, absent);
    boolean known = choices.contains(text);
    faults.require(
        known,
        "%s must be one of %s, got \"%s\"".formatted(name, String.join(", ", choices), text));
    resolved.put(name, text);
    return known ? text : absent;
  }

  /** A template that marks answers, by name or file. */
  String template(String absent) {
    String text = texts.getOrDefault("template", absent);
    Optional<String> fault = TemplateNames.fault(text, TemplateNames.trainable());
    fault.ifPresent(each -> faults.require(false, "template: " + each));
    resolved.put("template", text);
    return fault.isPresent() ? absent : text;
  }

  /** Adds a fault unless a condition between settings holds. */
  void require(boolean condition, String fault) {
    faults.require(condition, fault);
  }

  /**
   * Ends the reading.
   *
   * @return all settings that were read, defaults included
   * @throws ai.dmt.config.ConfigException with every fault, unknown names among them
   */
  Map<String, Object> finish() {
    TreeSet<String> known = new TreeSet<>(resolved.keySet());
    known.addAll(aliases);
    for (String name : texts.keySet()) {
      if (!known.contains(name)) {
        String nearest = NearestName.of(name, known).orElseThrow();
        faults.require(
            false,
            "%s=%s is no setting; did you mean %s?".formatted(name, texts.get(name), nearest));
      }
    }
    faults.throwIfAny();
    return Collections.unmodifiableMap(resolved);
  }

  private static double usable(boolean inRange, double value, double absent) {
    return inRange && Double.isFinite(value) ? value : absent;
  }

  private long whole(String name, long absent, long low, long high) {
    String text = texts.get(name);
    long value = absent;
    if (text != null) {
      OptionalLong parsed = parseWhole(text);
      boolean inRange =
          parsed.isPresent() && parsed.getAsLong() >= low && parsed.getAsLong() <= high;
      String expected =
          low == Long.MIN_VALUE ? "a whole number" : "a whole number of at least " + low;
      faults.require(inRange, "%s must be %s, got \"%s\"".formatted(name, expected, text));
      value = inRange ? parsed.getAsLong() : absent;
    }
    resolved.put(name, value);
    return value;
  }

  private double number(String name, double absent) {
    String text = texts.get(name);
    double value = absent;
    if (text != null) {
      OptionalDouble parsed = parseNumber(text);
      faults.require(parsed.isPresent(), "%s must be a number, got \"%s\"".formatted(name, text));
      value = parsed.orElse(absent);
    }
    resolved.put(name, value);
    return value;
  }

  private static OptionalLong parseWhole(String text) {
    try {
      return OptionalLong.of(Long.parseLong(text));
    } catch (NumberFormatException e) {
      return OptionalLong.empty();
    }
  }

  private static OptionalDouble parseNumber(String text) {
    try {
      return OptionalDouble.of(Double.parseDouble(text));
    } catch (NumberFormatException e) {
      return OptionalDouble.empty();
    }
  }
}
