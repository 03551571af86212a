/**
 * Error bars and comparisons of scores: intervals, exact McNemar, paired bootstrap, Holm; contrasts
 * of groups of models over seeds and problems. Built on Apache Commons Statistics; what it lacks
 * (bootstrap, Holm, crossed clusters) is a few lines here.
 *
 * @since 0.1
 */
@NullMarked
package ai.dmt.evaluators.statistics;

import org.jspecify.annotations.NullMarked;
