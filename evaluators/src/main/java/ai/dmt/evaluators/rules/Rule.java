package ai.dmt.evaluators.rules;

/**
 * A rule of a question.
 *
 * @param type as in the file
 * @param weight its share of the rating, over the sum of all weights
 * @param gate an answer with less credit than this gets the lowest rating; 0 for none
 */
record Rule(String type, double weight, double gate, Check check) {}
