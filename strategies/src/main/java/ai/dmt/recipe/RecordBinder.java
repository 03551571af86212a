package ai.dmt.recipe;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.records.RecordCopy;
import ai.dmt.internal.text.NearestName;
import ai.dmt.internal.text.Printable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Makes records of nodes: keys are component names in snake_case, and what is left out comes from
 * the record's {@code defaults()}. Goes on after a fault, so that all are found.
 */
final class RecordBinder {
  private final List<String> faults;

  RecordBinder(List<String> faults) {
    this.faults = faults;
  }

  /** A record, or null after a fault. */
  <R> @Nullable R bind(Class<R> type, YamlNode node) {
    return type.cast(value(type, node, ""));
  }

  /** What a record's {@code defaults()} gives, by component. */
  static Map<String, Object> defaults(Class<?> type) {
    Object given = call(type, "defaults");
    if (!type.isInstance(given)) {
      Map<String, Object> values = new LinkedHashMap<>();
      ((Map<?, ?>) given).forEach((key, value) -> values.put((String) key, value));
      return values;
    }
    Map<String, Object> values = new LinkedHashMap<>();
    for (RecordComponent component : type.getRecordComponents()) {
      values.put(component.getName(), RecordCopy.read(component, given));
    }
    return values;
  }

  private @Nullable Object value(Type type, YamlNode node, String path) {
    if (type instanceof ParameterizedType generic) {
      Type[] parts = generic.getActualTypeArguments();
      return generic.getRawType() == List.class
          ? list(parts[0], node, path)
          : map(parts[1], node, path);
    }
    Class<?> wanted = (Class<?>) type;
    if (wanted.isRecord()) {
      return record(wanted, node, path);
    }
    if (wanted == Object.class) {
      return node.plain();
    }
    if (!(node instanceof YamlNode.Scalar scalar) || scalar.kind() == YamlNode.Kind.NOTHING) {
      return fault(node, "%s is %s, expected a single value".formatted(path, node.shown()));
    }
    return ScalarReader.read(wanted, scalar, path, faults);
  }

  private @Nullable Object list(Type part, YamlNode node, String path) {
    if (!(node instanceof YamlNode.Items items)) {
      return fault(node, "%s is %s, expected a list".formatted(path, node.shown()));
    }
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < items.items().size(); i++) {
      values.add(value(part, items.items().get(i), path + "." + i));
    }
    return values.contains(null) ? null : values;
  }

  private @Nullable Object map(Type part, YamlNode node, String path) {
    if (!(node instanceof YamlNode.Fields fields)) {
      return fault(node, "%s is %s, expected names with values".formatted(path, node.shown()));
    }
    Map<String, Object> values = new LinkedHashMap<>();
    List<String> names =
        fields.fields().entrySet().stream()
            .filter(each -> !isByPart(each.getKey(), each.getValue()))
            .map(Map.Entry::getKey)
            .toList();
    fields
        .fields()
        .forEach(
            (key, each) ->
                values.put(
                    key,
                    names.isEmpty() || names.contains(key)
                        ? value(part, each, join(path, key))
                        : newByPart(part, key, each, names, path)));
    return values.containsValue(null) ? null : values;
  }

  /** Whether an override such as sources.math.files=[a] has made an entry that was not there. */
  private static boolean isByPart(String key, YamlNode node) {
    return node.where().matches("(?s)([^=]*\\.)?" + Pattern.quote(key) + "\\.[^=]*=.*");
  }

  /** More often the name of another entry is misspelt than a new one is made part by part. */
  private @Nullable Object newByPart(
      Type part, String key, YamlNode node, List<String> names, String path) {
    Optional<String> near = near(key, names);
    int before = faults.size();
    Object value = near.isPresent() ? null : value(part, node, join(path, key));
    if (value != null) {
      return value;
    }
    faults.subList(before, faults.size()).clear(); // they follow from this one
    return fault(
        node,
        "there is no %1$s%2$s a new one is given whole, as %1$s={...}"
            .formatted(
                join(path, key),
                near.map(name -> "; did you mean %s?".formatted(join(path, name)))
                    .orElse(" beside %s;".formatted(names))));
  }

  private static Optional<String> near(String key, List<String> names) {
    return NearestName.of(key, names)
        .filter(near -> NearestName.distance(key, near) <= 2 + key.length() / 3);
  }

  private @Nullable Object record(Class<?> type, YamlNode node, String path) {
    if (node instanceof YamlNode.Scalar scalar && hasShorthand(type)) {
      Object fraction = ScalarReader.read(double.class, scalar, path, faults);
      return fraction == null ? null : make(type, node, path, () -> shorthand((double) fraction));
    }
    if (!(node instanceof YamlNode.Fields fields)) {
      String name = path.isEmpty() ? "the recipe" : path;
      return fault(node, "%s is %s, expected keys with values".formatted(name, node.shown()));
    }
    int before = faults.size();
    Map<String, Object> defaults = defaults(type);
    RecordComponent[] components = type.getRecordComponents();
    List<String> keys =
        Arrays.stream(components).map(each -> RecipeNames.key(each.getName())).toList();
    fields.fields().forEach((key, each) -> checkKey(key, each, keys, path));
    Object[] values = new Object[components.length];
    for (int c = 0; c < values.length; c++) {
      YamlNode given = fields.fields().get(keys.get(c));
      boolean nothing =
          given == null || given instanceof YamlNode.Scalar s && s.kind() == YamlNode.Kind.NOTHING;
      values[c] =
          given == null || nothing
              ? absent(components[c], defaults, node, join(path, keys.get(c)))
              : component(components[c], given, join(path, keys.get(c)));
      Words words = components[c].getAnnotation(Words.class);
      if (words != null && given != null && !nothing) {
        checkWords(words.value(), given, join(path, keys.get(c)));
      }
    }
    return faults.size() > before ? null : make(type, node, path, () -> construct(type, values));
  }

  private @Nullable Object component(RecordComponent component, YamlNode given, String path) {
    Word word = component.getAnnotation(Word.class);
    return word != null && given instanceof YamlNode.Scalar scalar
        ? ScalarReader.readWord(word, scalar, path, faults)
        : value(component.getGenericType(), given, path);
  }

  private void checkKey(String key, YamlNode node, List<String> keys, String path) {
    if (!keys.contains(key)) {
      String hint =
          near(key, keys)
              .map(near -> join(path, near))
              .or(() -> RecipeKeys.endingWith(key))
              .map(whole -> "; did you mean " + whole + "?")
              .orElse("; expected one of " + keys);
      fault(node, "unknown key %s%s".formatted(join(path, key), hint));
    }
  }

  /** Checks a text, or the keys of a map. */
  private void checkWords(Vocabulary vocabulary, YamlNode node, String path) {
    if (node instanceof YamlNode.Scalar scalar) {
      vocabulary.fault(scalar.text()).ifPresent(why -> fault(node, path + why));
    } else if (node instanceof YamlNode.Fields fields) {
      fields
          .fields()
          .forEach((key, each) -> vocabulary.fault(key).ifPresent(why -> fault(each, path + why)));
    }
  }

  private @Nullable Object absent(
      RecordComponent component, Map<String, Object> defaults, YamlNode node, String path) {
    Object value = defaults.get(component.getName());
    boolean needed = component.getType().isPrimitive() || component.getType().isEnum();
    if (value == null && needed && !optional(component)) {
      fault(node, path + " is missing");
    }
    return value;
  }

  /** Enums that may be left out, since something else then decides. */
  static boolean optional(RecordComponent component) {
    return !component.getType().isPrimitive() && component.isAnnotationPresent(MayBeAbsent.class);
  }

  private @Nullable Object fault(YamlNode node, String message) {
    faults.add(node.where() + ": " + message);
    return null;
  }

  private static String join(String path, String key) {
    String shown = Printable.value(key);
    return path.isEmpty() ? shown : path + "." + shown;
  }

  /** A call that may throw what a constructor throws. */
  private interface Maker {
    Object make() throws ReflectiveOperationException;
  }

  /** A record's own check names a key: the fault is where that key was written. */
  private @Nullable Object make(Class<?> type, YamlNode node, String path, Maker maker) {
    try {
      return maker.make();
    } catch (InvocationTargetException e) {
      if (!(e.getCause() instanceof ConfigException cause)) {
        throw new IllegalStateException(type + " cannot be made", e);
      }
      String subject = cause.getMessage().replaceFirst(":.*", "");
      for (String each : cause.faults()) {
        String prefix = path.isEmpty() ? subject : path;
        boolean said = each.startsWith(prefix + ": ");
        fault(firstNamed(node, each), said ? each : prefix + ": " + each);
      }
      return null;
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type + " cannot be made", e);
    }
  }

  /** The value whose key a fault names first; the whole record if it names none. */
  private static YamlNode firstNamed(YamlNode node, String fault) {
    YamlNode found = node;
    int first = Integer.MAX_VALUE;
    if (node instanceof YamlNode.Fields fields) {
      for (Map.Entry<String, YamlNode> field : fields.fields().entrySet()) {
        Matcher name =
            Pattern.compile("\\b" + Pattern.quote(field.getKey()) + "\\b").matcher(fault);
        if (name.find() && name.start() < first) {
          first = name.start();
          found = field.getValue();
        }
      }
    }
    return found;
  }

  private static Object construct(Class<?> type, Object[] values)
      throws ReflectiveOperationException {
    Class<?>[] types =
        Arrays.stream(type.getRecordComponents())
            .map(RecordComponent::getType)
            .toArray(Class<?>[]::new);
    return type.getConstructor(types).newInstance(values);
  }

  static boolean hasShorthand(Class<?> type) {
    return type == AmountRecipe.class;
  }

  private static Object shorthand(double fraction) throws InvocationTargetException {
    try {
      return AmountRecipe.shorthand(fraction);
    } catch (ConfigException e) {
      throw new InvocationTargetException(e);
    }
  }

  private static Object call(Class<?> type, String method) {
    try {
      return type.getMethod(method).invoke(null);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type + " has no " + method + "()", e);
    }
  }
}
