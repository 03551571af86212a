/**
 * What the stages of a run do to each ability: scores by stage, backward transfer, and the conflict
 * with a model that was trained on one source alone.
 */
package ai.dmt.evaluators.transfer;
