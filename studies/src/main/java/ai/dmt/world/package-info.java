/**
 * The bundled world: a seeded generator of three abilities (math, code, general) in the formats of
 * the real data sets, and of the text that the world's base model was pretrained on. Knows neither
 * the engine nor the command line; docs/world.md has the grammar and what was measured.
 *
 * @since 0.1
 */
@NullMarked
package ai.dmt.world;

import org.jspecify.annotations.NullMarked;
