/**
 * Recipes of other programs as ours: LLaMA-Factory, axolotl and TRL. What has no counterpart is
 * listed, never dropped in silence. {@link ai.dmt.recipe.foreign.ForeignRecipe} is where to begin.
 */
@NullMarked
package ai.dmt.recipe.foreign;

import org.jspecify.annotations.NullMarked;
