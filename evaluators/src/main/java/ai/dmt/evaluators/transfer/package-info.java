/**
 * What the stages of a run do to each ability: scores by stage, backward transfer, and the conflict
 * with a model that was trained on one source alone.
 *
 * @since 0.1
 */
@NullMarked
package ai.dmt.evaluators.transfer;

import org.jspecify.annotations.NullMarked;
