/**
 * Judging answers: what every judge is, the one behind an HTTP endpoint with its retries, limits
 * and cache, and the run that writes a file of judgements. The rule-based judge is in {@code
 * ai.dmt.evaluators.rules}.
 *
 * @since 0.1
 */
@NullMarked
package ai.dmt.evaluators.judge;

import org.jspecify.annotations.NullMarked;
