package ai.dmt.recipe;

import ai.dmt.internal.text.NearestName;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads single values. A number may be written as a fraction, such as 1/256. */
final class ScalarReader {
  private ScalarReader() {}

  /** The value, or null after a fault. */
  static @Nullable Object read(
      Class<?> type, YamlNode.Scalar scalar, String path, List<String> faults) {
    String text = scalar.text();
    Object value = null;
    String expected;
    if (type == String.class) {
      return text;
    } else if (type.isEnum()) {
      value = constant(type, text);
      expected = expectedWord(type, text);
    } else if (type == boolean.class || type == Boolean.class) {
      value = scalar.kind() == YamlNode.Kind.BOOLEAN ? Boolean.valueOf(text) : null;
      expected = "true or false";
    } else if (type == double.class || type == Double.class) {
      value = number(text);
      expected = "a number or a fraction such as 1/256";
    } else {
      value = whole(type, text);
      expected = "a whole number";
    }
    if (value == null) {
      faults.add(
          "%s: %s is %s, expected %s".formatted(scalar.where(), path, scalar.shown(), expected));
    }
    return value;
  }

  /** A whole number or a word instead; null after a fault. */
  static @Nullable Object readWord(
      Word word, YamlNode.Scalar scalar, String path, List<String> faults) {
    if (scalar.text().equalsIgnoreCase(word.value())) {
      return word.number();
    }
    Object value = whole(int.class, scalar.text());
    if (value == null || value.equals(word.number())) {
      faults.add(
          "%s: %s is %s, expected a whole number above %s, or %s"
              .formatted(scalar.where(), path, scalar.shown(), word.number(), word.value()));
      return null;
    }
    return value;
  }

  private static @Nullable Object constant(Class<?> type, String text) {
    String word = text.toLowerCase(Locale.ROOT).replace('-', '_');
    for (Object constant : type.getEnumConstants()) {
      if (RecipeNames.word((Enum<?>) constant).equals(word)) {
        return constant;
      }
    }
    return null;
  }

  private static String expectedWord(Class<?> type, String text) {
    List<String> words = RecipeNames.words(type);
    String all = String.join(", ", words);
    return NearestName.of(text, words)
        .filter(near -> NearestName.distance(text, near) <= 2)
        .map(near -> "one of %s; did you mean %s?".formatted(all, near))
        .orElse("one of " + all);
  }

  private static @Nullable Double number(String text) {
    String plain = text.replace("_", "").strip();
    try {
      int slash = plain.indexOf('/');
      if (slash > 0) {
        return Double.parseDouble(plain.substring(0, slash))
            / Double.parseDouble(plain.substring(slash + 1));
      }
      if (plain.equalsIgnoreCase(".nan")) {
        return Double.NaN;
      }
      return Double.valueOf(plain);
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private static @Nullable Object whole(Class<?> type, String text) {
    try {
      long value = Long.parseLong(text.replace("_", "").strip());
      if (type == int.class || type == Integer.class) {
        return value == (int) value ? (Object) (int) value : null;
      }
      return value;
    } catch (NumberFormatException e) {
      return null;
    }
  }
}
