/**
 * Model folders on disk: written whole or not at all, with the tokenizer files beside the weights.
 */
package ai.dmt.checkpoint;
