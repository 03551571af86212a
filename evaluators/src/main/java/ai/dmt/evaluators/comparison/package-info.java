/**
 * Comparison of models by their score reports: scores are paired problem by problem, tested, and
 * corrected for being several.
 */
package ai.dmt.evaluators.comparison;
