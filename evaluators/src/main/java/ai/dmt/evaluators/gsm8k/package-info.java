/**
 * GSM8K (Cobbe et al., 2021): problems, prompts, and the rules of several harnesses for finding the
 * answer in a completion and comparing it. Rules as of lm-evaluation-harness 4e7e0d4,
 * openai/grade-school-math 3101c7d and OFA-Sys/gsm8k-ScRel 25d2c40, for regular expressions with
 * Python's meaning.
 *
 * @since 0.1
 */
@NullMarked
package ai.dmt.evaluators.gsm8k;

import org.jspecify.annotations.NullMarked;
