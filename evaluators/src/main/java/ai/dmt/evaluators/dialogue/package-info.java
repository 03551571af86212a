/**
 * MT-Bench behind {@link ai.dmt.evaluators.Evaluator}: a round of prompts for each turn, then a
 * judge for all answers.
 *
 * @since 0.1
 */
@NullMarked
package ai.dmt.evaluators.dialogue;

import org.jspecify.annotations.NullMarked;
