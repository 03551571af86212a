/**
 * Evaluation of model folders: their answers to benchmarks, the scores of these, and held-out
 * losses. Knows nothing of the command line.
 */
package ai.dmt.evaluation;
