/**
 * Comparison of models by their score reports: scores are paired problem by problem, tested, and
 * corrected for being several.
 *
 * @since 0.1
 */
@NullMarked
package ai.dmt.evaluators.comparison;

import org.jspecify.annotations.NullMarked;
