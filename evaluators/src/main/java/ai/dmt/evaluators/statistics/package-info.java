/**
 * Error bars and comparisons of scores: intervals, exact McNemar, paired bootstrap, Holm. Built on
 * Apache Commons Statistics; what it lacks (bootstrap, Holm) is a few lines here.
 */
package ai.dmt.evaluators.statistics;
