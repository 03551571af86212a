package ai.dmt.evaluators.judge;

/**
 * What a model replied.
 *
 * @param timestamp seconds since 1970
 */
record Reply(String text, double timestamp) {}
