/**
 * Benchmark evaluators: prompts, and verdicts on completions. Pure Java; scoring reads completions
 * and needs no model.
 *
 * @since 0.1
 */
@NullMarked
package ai.dmt.evaluators;

import org.jspecify.annotations.NullMarked;
