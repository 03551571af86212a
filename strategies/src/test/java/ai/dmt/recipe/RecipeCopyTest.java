package ai.dmt.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.dmt.config.ConfigException;
import ai.dmt.train.Corpus;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every component of a recipe's records has a method that copies the record with another one. */
class RecipeCopyTest {
  private static final SourceRecipe SOURCE =
      SourceRecipe.of(Corpus.Role.GENERAL, List.of(Path.of("a.jsonl")));

  static Stream<Record> records() {
    return Stream.of(
        SOURCE,
        TrainingRecipe.defaults(),
        DataRecipe.defaults(),
        PrepareRecipe.defaults(),
        EngineRecipe.defaults(),
        AdapterRecipe.defaults(),
        ControlRecipe.defaults(),
        new Recipe(
            "r",
            "",
            "",
            "",
            Map.of("a", SOURCE),
            StrategyRecipe.multiTask(),
            DataRecipe.defaults(),
            TrainingRecipe.defaults(),
            AdapterRecipe.defaults(),
            ControlRecipe.defaults(),
            EngineRecipe.defaults(),
            List.of()));
  }

  @ParameterizedTest
  @MethodSource("records")
  void aCopyWithTheSameValueIsEqual(Record record) throws ReflectiveOperationException {
    for (RecordComponent component : record.getClass().getRecordComponents()) {
      String name = component.getName();
      String with = "with" + Character.toUpperCase(name.charAt(0)) + name.substring(1);
      Object value = component.getAccessor().invoke(record);
      Object copy = record.getClass().getMethod(with, component.getType()).invoke(record, value);
      assertEquals(record, copy, with);
    }
  }

  @Test
  void aCopyHasTheNewValueAndIsChecked() {
    TrainingRecipe training = TrainingRecipe.defaults();
    assertEquals(7, training.withNumTrainEpochs(7).numTrainEpochs());
    assertEquals(training, training.withNumTrainEpochs(7).withNumTrainEpochs(3));
    assertThrows(ConfigException.class, () -> training.withNumTrainEpochs(0));
  }
}
