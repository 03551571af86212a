/**
 * HumanEval (arXiv 2107.03374): programs that a model completes, judged by running their tests.
 *
 * <p>Prompts, stop strings and post-processing of openai/human-eval, of bigcode-evaluation-harness
 * and of evalplus. Deviation: evalplus's inputs are not part of HumanEval's file, so its mode runs
 * HumanEval's own tests.
 *
 * @since 0.1
 */
@NullMarked
package ai.dmt.evaluators.humaneval;

import org.jspecify.annotations.NullMarked;
