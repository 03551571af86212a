/**
 * MT-Bench: FastChat's files of questions, answers, judge prompts and judgements read and written
 * as they are, prompts for models and for judges, and the scores of a file of judgements.
 *
 * @since 0.1
 */
@NullMarked
package ai.dmt.evaluators.mtbench;

import org.jspecify.annotations.NullMarked;
