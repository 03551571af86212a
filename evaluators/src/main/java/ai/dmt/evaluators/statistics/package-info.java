/**
 * Error bars and comparisons of scores: intervals, exact McNemar, paired bootstrap, Holm. Built on
 * Apache Commons Statistics; what it lacks (bootstrap, Holm) is a few lines here.
 *
 * @since 0.1
 */
@NullMarked
package ai.dmt.evaluators.statistics;

import org.jspecify.annotations.NullMarked;
