/**
 * MATH (Hendrycks et al. 2021): how its problems are read and put, and how answers are found and
 * compared, as text, by the rules of the data set's authors and of lm-evaluation-harness.
 *
 * @since 0.1
 */
@NullMarked
package ai.dmt.evaluators.math;

import org.jspecify.annotations.NullMarked;
