package ai.dmt.advise;

import ai.dmt.recipe.Recipe;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What advice asks of the world: which mixtures there are, and what they give. */
interface Mixtures {
  /** Names of the sources. */
  Set<String> sources();

  /** Names of all losses that runs have: of the sources, and of what else is measured. */
  Set<String> abilities();

  /**
   * The candidates for sources as they are.
   *
   * @param tokens of each; 0 for all rows and all epochs of the recipe
   */
  MixtureSpace space(double tokens) throws IOException;

  /** What is known of the sources before anything is trained. */
  SourceFacts facts() throws IOException;

  /** Trains what is missing of some mixtures. @return what all of them gave, in their order */
  List<MeasuredRun> train(Collection<MixturePlan> plans) throws IOException, InterruptedException;

  /** Trains a mixture with another learning rate. @param factor of the recipe's */
  MeasuredRun train(MixturePlan plan, double factor) throws IOException, InterruptedException;

  /**
   * Trains mixtures with several seeds each, none of which is the recipe's: what was chosen by its
   * runs would look better on it than it is.
   *
   * @param plans by name
   * @param seeds how many
   * @return what each gave, by name, in the order of seeds
   */
  Map<String, List<MeasuredRun>> train(Map<String, MixturePlan> plans, int seeds)
      throws IOException, InterruptedException;

  /** The base model's held-out losses, in nats per label token; known after the first run. */
  Map<String, Double> base() throws IOException;

  /** The recipe that was asked about, with its files where they are. */
  Recipe recipe() throws IOException;

  /** Speed of training; 0 where it is not known. */
  double tokensPerSecond();
}
