package ai.dmt.run;

import ai.dmt.config.ConfigException;
import ai.dmt.recipe.ControlRecipe;
import ai.dmt.recipe.Recipe;
import ai.dmt.recipe.TrainingRecipe;
import ai.dmt.train.MixtureControl;
import java.util.ArrayList;
import java.util.List;

/** What a run needs that changes its mixture while it trains. */
final class ControlCheck {
  private ControlCheck() {}

  /**
   * @throws ConfigException if evaluations or checkpoints are missing that decisions need
   */
  static void checkTraining(Recipe recipe) {
    ControlRecipe control = recipe.control();
    if (control == null || !recipe.mixtureControl().isOn()) {
      return;
    }
    TrainingRecipe training = recipe.training();
    List<String> faults = new ArrayList<>();
    if (training.evalSteps() == 0) {
      faults.add(
          "control: decisions are made after evaluations; set training.eval_steps, which is 0");
    } else if (stops(control)
        && (training.saveSteps() == 0 || training.evalSteps() % training.saveSteps() != 0)) {
      faults.add(
          ("control.stop=per_source goes back to the checkpoint of an evaluation; training.save_steps"
                  + " must divide training.eval_steps=%s, got %s")
              .formatted(training.evalSteps(), training.saveSteps()));
    }
    RecipeCheck.throwIfAny(faults);
  }

  /**
   * @throws ConfigException if the checkpoints that a run may go back to would not stay there
   */
  static void checkPlace(Recipe recipe, RunOutput place) {
    ControlRecipe control = recipe.control();
    if (control != null && stops(control) && place.storage().isPresent()) {
      throw new ConfigException(
          ("control.stop=per_source goes back to checkpoints of a folder, and %s is no folder; name a"
                  + " folder as output")
              .formatted(place));
    }
  }

  /**
   * @throws ConfigException if a source has no held-out samples to decide by, or nothing is
   *     replayed that could be changed
   */
  static void check(PreparedSchedule prepared) {
    ControlRecipe control = prepared.recipe().control();
    if (control == null) {
      return;
    }
    List<String> faults = new ArrayList<>();
    for (SourceData source : prepared.sources()) {
      if (control.mixtureControl().isOn() && source.heldOut().samples().isEmpty()) {
        String name = source.train().name();
        faults.add(
            ("control: source \"%s\" has no held-out samples to decide by; set data.eval_fraction or"
                    + " sources.%s.held_out")
                .formatted(name, name));
      }
    }
    RecipeCheck.collect(faults, prepared::controller);
    RecipeCheck.throwIfAny(faults);
  }

  /** Checkpoints that a run keeps beyond save_total_limit: each is the best of another source. */
  static long kept(Recipe recipe) {
    ControlRecipe control = recipe.control();
    return control == null || !stops(control)
        ? 0
        : Math.min(recipe.sources().size(), control.stopPatience());
  }

  private static boolean stops(ControlRecipe control) {
    return control.stop() == MixtureControl.Stop.PER_SOURCE;
  }
}
