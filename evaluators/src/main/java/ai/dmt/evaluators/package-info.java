/**
 * Benchmark evaluators: prompts, and verdicts on completions. Pure Java; scoring reads completions
 * and needs no model.
 */
package ai.dmt.evaluators;
