package ai.dmt.recipe;

import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.dmt.config.ConfigException;
import java.util.List;

/** Recipes that tests write as text. */
final class RecipeTexts {
  private RecipeTexts() {}

  static Recipe read(String yaml, String... overrides) {
    return RecipeReader.parse(yaml, "r.yaml", List.of(overrides));
  }

  static List<String> faults(String yaml, String... overrides) {
    return assertThrows(ConfigException.class, () -> read(yaml, overrides))
        .getMessage()
        .lines()
        .toList();
  }
}
