/**
 * Evaluation of model folders: their answers to benchmarks, the scores of these, and held-out
 * losses. Knows nothing of the command line.
 *
 * @since 0.1
 */
@NullMarked
package ai.dmt.evaluation;

import org.jspecify.annotations.NullMarked;
