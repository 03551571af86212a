/**
 * A judge without a model: each question carries rules that a program can check, with weights, and
 * the rating is the weighted share of what the answer keeps.
 *
 * @since 0.1
 */
@NullMarked
package ai.dmt.evaluators.rules;

import org.jspecify.annotations.NullMarked;
