/**
 * MT-Bench: FastChat's files of questions, answers, judge prompts and judgements read and written
 * as they are, prompts for models and for judges, and the scores of a file of judgements.
 */
package ai.dmt.evaluators.mtbench;
