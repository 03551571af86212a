/**
 * Evaluation of model folders: completions of benchmarks that a killed run goes on with, their
 * scores, and held-out losses. Knows nothing of the command line.
 */
package ai.dmt.evaluation;
