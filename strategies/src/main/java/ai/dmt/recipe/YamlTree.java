package ai.dmt.recipe;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.text.Printable;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads YAML with Jackson into nodes that know their lines. */
final class YamlTree {
  private static final YAMLFactory YAML = new YAMLFactory();
  private static final int MAX_DEPTH = 50;

  private final @Nullable String file; // null: every value is at the place below
  private final String place; // the file, or an override
  private final List<String> faults;

  private YamlTree(@Nullable String file, String place, List<String> faults) {
    this.file = file;
    this.place = place;
    this.faults = faults;
  }

  /**
   * Reads a text.
   *
   * @param file for messages
   * @param faults where keys that come twice are added
   * @throws ConfigException if it is not YAML
   */
  static YamlNode read(String text, String file, List<String> faults) {
    return new YamlTree(file, file, faults).parse(text);
  }

  /** Reads the value of an override, which is its own place. */
  static YamlNode readValue(String text, String place) {
    return new YamlTree(null, place, new ArrayList<>()).parse(text);
  }

  private YamlNode parse(String text) {
    try (YAMLParser parser = YAML.createParser(text)) {
      if (parser.nextToken() == null) {
        return new YamlNode.Scalar(at(parser), "", YamlNode.Kind.NOTHING);
      }
      YamlNode node = node(parser, 0);
      if (parser.nextToken() != null) {
        throw new ConfigException(at(parser) + ": a second document begins here, expected one");
      }
      return node;
    } catch (JsonProcessingException e) {
      String line = e.getLocation() == null ? "" : ":" + e.getLocation().getLineNr();
      String message = e.getOriginalMessage().strip().lines().findFirst().orElse("");
      throw new ConfigException(
          (file == null ? place : file + line) + ": malformed YAML: " + message, e);
    } catch (StackOverflowError e) { // the library tells numbers by expressions that recurse
      throw new ConfigException(place + ": a value is too long to tell what it is", e);
    } catch (IOException e) {
      throw new UncheckedIOException("a string cannot fail to be read", e);
    }
  }

  private YamlNode node(YAMLParser parser, int depth) throws IOException {
    String where = at(parser);
    if (depth > MAX_DEPTH) {
      throw new ConfigException(
          "%s: is nested deeper than %s levels, no recipe is".formatted(where, MAX_DEPTH));
    }
    if (parser.isCurrentAlias()) {
      faults.add(where + ": aliases (*name) are not known here; write the value out");
    }
    JsonToken token = parser.currentToken();
    return switch (token) {
      case START_OBJECT -> fields(parser, where, depth);
      case START_ARRAY -> items(parser, where, depth);
      case VALUE_NULL -> new YamlNode.Scalar(where, "", YamlNode.Kind.NOTHING);
      case VALUE_TRUE, VALUE_FALSE ->
          new YamlNode.Scalar(where, parser.getText(), YamlNode.Kind.BOOLEAN);
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT ->
          new YamlNode.Scalar(where, parser.getText(), YamlNode.Kind.NUMBER);
      default -> new YamlNode.Scalar(where, parser.getText(), YamlNode.Kind.STRING);
    };
  }

  private YamlNode fields(YAMLParser parser, String where, int depth) throws IOException {
    LinkedHashMap<String, YamlNode> fields = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      String place = at(parser);
      parser.nextToken();
      YamlNode before = fields.put(key, node(parser, depth + 1));
      if (before != null) {
        faults.add(
            "%s: \"%s\" is given twice, first at %s"
                .formatted(place, Printable.value(key), before.where()));
      }
    }
    return new YamlNode.Fields(where, fields);
  }

  private YamlNode items(YAMLParser parser, String where, int depth) throws IOException {
    List<YamlNode> items = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      items.add(node(parser, depth + 1));
    }
    return new YamlNode.Items(where, items);
  }

  private String at(JsonParser parser) {
    return file == null ? place : file + ":" + parser.currentTokenLocation().getLineNr();
  }
}
