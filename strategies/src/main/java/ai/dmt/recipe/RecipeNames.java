package ai.dmt.recipe;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** How Java names are spelt in recipes. */
final class RecipeNames {
  private RecipeNames() {}

  /** Such as "num_train_epochs" for "numTrainEpochs". */
  static String key(String component) {
    return component.replaceAll("([a-z0-9])([A-Z])", "$1_$2").toLowerCase(Locale.ROOT);
  }

  /** Such as "best_fit". */
  static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  static List<String> words(Class<?> type) {
    return Arrays.stream(type.getEnumConstants()).map(each -> word((Enum<?>) each)).toList();
  }
}
