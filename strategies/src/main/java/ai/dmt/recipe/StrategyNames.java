package ai.dmt.recipe;

import java.util.List;

/**
 * A service that knows the names of strategies, so that a recipe is checked while it is read.
 * Without one on the class path any name is read.
 */
public interface StrategyNames {
  /** {@return the names of all strategies} */
  List<String> names();
}
