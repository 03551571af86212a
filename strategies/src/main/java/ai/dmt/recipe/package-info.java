/**
 * Recipes: a run as YAML. {@link ai.dmt.recipe.RecipeReader} reads one strictly into the record
 * {@link ai.dmt.recipe.Recipe}, {@link ai.dmt.recipe.RecipeWriter} writes it back complete with
 * defaults, {@link ai.dmt.recipe.RecipeSchema} gives its JSON schema. Keys are the components'
 * names in snake_case; defaults live in the records' {@code defaults()}.
 *
 * @since 0.1
 */
@NullMarked
package ai.dmt.recipe;

import org.jspecify.annotations.NullMarked;
