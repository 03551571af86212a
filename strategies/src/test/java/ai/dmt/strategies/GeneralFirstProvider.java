package ai.dmt.strategies;

import ai.dmt.recipe.Recipe;
import ai.dmt.train.Corpus;
import ai.dmt.train.Stage;

/** A user's own strategy: general data first. */
public final class GeneralFirstProvider implements MixingStrategyProvider {
  @Override
  public String name() {
    return "general-first";
  }

  @Override
  public MixingStrategy create(Recipe recipe) {
    String name = recipe.strategy().options().getOrDefault("stage", "general").toString();
    return (corpus, settings) ->
        settings.schedule(
            new Stage(name, Sources.all(corpus.of(Corpus.Role.GENERAL)), settings.stage()),
            new Stage(
                "specialized", Sources.all(corpus.of(Corpus.Role.SPECIALIZED)), settings.stage()));
  }
}
