package ai.dmt.strategies;

import ai.dmt.recipe.StrategyNames;
import java.util.List;

/** Tells the reader of recipes which strategies there are. */
public final class AllStrategyNames implements StrategyNames {
  /** For the service loader. */
  public AllStrategyNames() {}

  @Override
  public List<String> names() {
    return Strategies.names();
  }
}
