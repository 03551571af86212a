package ai.dmt.recipe;

import ai.dmt.adapter.AdapterTarget;
import ai.dmt.data.FieldMapping;
import ai.dmt.data.ReadOptions;
import ai.dmt.data.TemplateNames;
import ai.dmt.internal.text.NearestName;
import ai.dmt.internal.text.Printable;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;

/** Words that others define and recipes use. */
enum Vocabulary {
  FORMAT {
    @Override
    List<String> find() {
      List<String> words = new ArrayList<>(List.of(ReadOptions.AUTO));
      words.addAll(ReadOptions.formats());
      return words;
    }
  },
  FIELD {
    @Override
    List<String> find() {
      return FieldMapping.knownFields();
    }
  },
  TEMPLATE {
    @Override
    List<String> find() {
      return TemplateNames.trainable();
    }

    @Override
    boolean takes(String word) {
      return super.takes(word) || TemplateNames.isFile(word);
    }

    @Override
    String others() {
      return ", or a file ending in .jinja or .json";
    }
  },
  ADAPTER_TARGET {
    @Override
    List<String> find() {
      return AdapterTarget.names();
    }
  },
  STRATEGY {
    @Override
    List<String> find() {
      List<String> words = new ArrayList<>();
      ServiceLoader.load(StrategyNames.class).forEach(each -> words.addAll(each.names()));
      return words;
    }

    @Override
    boolean takes(String word) {
      return super.takes(word) || words().isEmpty();
    }
  };

  abstract List<String> find();

  /** All words, in the order of their registry, which other jars may add to at any time. */
  final List<String> words() {
    return List.copyOf(find());
  }

  boolean takes(String word) {
    return words().contains(word);
  }

  /** What is taken beside the words; part of a sentence. */
  String others() {
    return "";
  }

  /** What is wrong with a word, to be put behind its key; empty if nothing. */
  final Optional<String> fault(String word) {
    if (takes(word)) {
      return Optional.empty();
    }
    return Optional.of(
        ": \"%s\" is not known, expected one of %s%s; did you mean %s?"
            .formatted(
                Printable.value(word),
                String.join(", ", words()),
                others(),
                NearestName.of(word, words()).orElseThrow()));
  }

  /** Puts the words into the schema of a text, or of a map's keys. */
  final void describe(ObjectNode schema) {
    if (words().isEmpty()) {
      return;
    }
    boolean map = schema.path("type").asText().equals("object");
    ObjectNode word = map ? schema.putObject("propertyNames") : schema;
    if (others().isEmpty()) {
      words().forEach(word.putArray("enum")::add);
      return;
    }
    var either = word.putArray("anyOf");
    words().forEach(either.addObject().putArray("enum")::add);
    either.addObject().put("type", "string").put("pattern", "\\.(jinja|json)$");
  }
}
