package ai.dmt.recipe;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.files.Disk;
import ai.dmt.internal.text.Printable;
import ai.dmt.internal.text.TextFile;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads recipes strictly: a key that does not exist is a fault that names the nearest one and the
 * line, and all faults are reported together, one per line.
 */
public final class RecipeReader {
  static final Path WORKING_FOLDER = Path.of("").toAbsolutePath();

  private RecipeReader() {}

  /**
   * Reads a file. The file of a template is relative to the recipe's folder, in an override to
   * where the program runs; the recipe that is returned has its absolute path.
   *
   * @param file in YAML, encoded in UTF-8
   * @param overrides such as "training.learning_rate=1e-5" and "sources.math.fraction=1/4", or
   *     "~sources.math" to leave a key out; later ones win. A part that is a number counts the
   *     items of a list from 0
   * @return the recipe, complete with defaults
   * @throws ConfigException with every fault
   */
  public static Recipe read(Path file, List<String> overrides) {
    try {
      Path folder = file.toAbsolutePath().resolveSibling("");
      return parse(Recipe.class, TextFile.read(file), file.toString(), folder, overrides);
    } catch (NoSuchFileException e) {
      throw new ConfigException(file + ": no such recipe", e);
    } catch (TextFile.EncodingException e) {
      throw new ConfigException(file + ": " + e.getMessage(), e);
    } catch (IOException e) {
      throw new ConfigException(file + " cannot be read: " + Disk.reason(e), e);
    }
  }

  /**
   * Reads a text.
   *
   * @param yaml the text
   * @param name of the file, for messages
   * @param overrides as {@link #read} takes them
   * @return the recipe, complete with defaults
   * @throws ConfigException with every fault
   */
  public static Recipe parse(String yaml, String name, List<String> overrides) {
    return parse(Recipe.class, yaml, name, overrides);
  }

  /**
   * Reads a text as another record than a recipe, by the same rules: keys are its components in
   * snake_case, and what is left out comes from its static method {@code defaults()}.
   *
   * @param <R> the record
   * @param type class of the record
   * @param yaml the text
   * @param name of the file, for messages
   * @param overrides as {@link #read} takes them
   * @return the record, complete with defaults
   * @throws ConfigException with every fault
   */
  public static <R extends Record> R parse(
      Class<R> type, String yaml, String name, List<String> overrides) {
    return parse(type, yaml, name, WORKING_FOLDER, overrides);
  }

  private static <R extends Record> R parse(
      Class<R> type, String yaml, String name, Path folder, List<String> overrides) {
    List<String> faults = new ArrayList<>();
    YamlNode root = TemplatePath.resolve(YamlTree.read(yaml, name, faults), folder);
    for (String override : overrides) {
      root = apply(root, override, faults);
    }
    root = TemplatePath.resolve(root, WORKING_FOLDER);
    R record = new RecordBinder(faults).bind(type, root);
    if (!faults.isEmpty()) {
      throw ConfigException.ofLines(faults);
    }
    return Objects.requireNonNull(record); // or there are faults
  }

  private static YamlNode apply(YamlNode root, String override, List<String> faults) {
    if (override.startsWith("~")) {
      return remove(root, override.substring(1).strip().split("\\.", -1), 0, override, faults);
    }
    int equals = override.indexOf('=');
    if (equals < 1) {
      faults.add(
          "\"%s\" is no setting, expected key.sub=value or ~key.sub"
              .formatted(Printable.value(override)));
      return root;
    }
    String[] path = override.substring(0, equals).strip().split("\\.", -1);
    YamlNode value = YamlTree.readValue(override.substring(equals + 1), override);
    return set(root, path, 0, value, faults);
  }

  private static YamlNode set(
      @Nullable YamlNode node, String[] path, int depth, YamlNode value, List<String> faults) {
    if (depth == path.length) {
      return value;
    }
    if (node instanceof YamlNode.Items items) {
      List<YamlNode> changed = new ArrayList<>(items.items());
      if (!path[depth].matches("\\d{1,6}") || Integer.parseInt(path[depth]) >= changed.size()) {
        faults.add(
            "%s: \"%s\" is no place in a list of %s items, expected a number from 0"
                .formatted(value.where(), Printable.value(path[depth]), changed.size()));
        return node;
      }
      int place = Integer.parseInt(path[depth]);
      changed.set(place, set(changed.get(place), path, depth + 1, value, faults));
      return new YamlNode.Items(items.where(), changed);
    }
    LinkedHashMap<String, YamlNode> changed = new LinkedHashMap<>();
    String where = value.where();
    if (node instanceof YamlNode.Fields fields) {
      changed.putAll(fields.fields());
      where = fields.where();
    }
    changed.put(path[depth], set(changed.get(path[depth]), path, depth + 1, value, faults));
    return new YamlNode.Fields(where, changed);
  }

  private static YamlNode remove(
      YamlNode node, String[] path, int depth, String override, List<String> faults) {
    if (!(node instanceof YamlNode.Fields fields) || !fields.fields().containsKey(path[depth])) {
      faults.add(
          "%s: there is no %s to leave out"
              .formatted(
                  Printable.value(override),
                  Printable.value(String.join(".", Arrays.copyOf(path, depth + 1)))));
      return node;
    }
    LinkedHashMap<String, YamlNode> changed = new LinkedHashMap<>(fields.fields());
    if (depth == path.length - 1) {
      changed.remove(path[depth]);
    } else {
      changed.computeIfPresent(
          path[depth], (key, part) -> remove(part, path, depth + 1, override, faults));
    }
    return new YamlNode.Fields(fields.where(), changed);
  }
}
