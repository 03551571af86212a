/**
 * MT-Bench behind {@link ai.dmt.evaluators.Evaluator}: a round of prompts for each turn, then a
 * judge for all answers.
 */
package ai.dmt.evaluators.dialogue;
