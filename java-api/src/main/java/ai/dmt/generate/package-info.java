/**
 * Answers from a model: {@link ai.dmt.generate.TextGenerator} keeps the engine's slots busy, stops
 * at stop strings and ids, and gives completions in the order of the requests.
 *
 * @since 0.1
 */
@NullMarked
package ai.dmt.generate;

import org.jspecify.annotations.NullMarked;
