/**
 * Model folders on disk: written whole or not at all, with the tokenizer files beside the weights.
 *
 * @since 0.1
 */
@NullMarked
package ai.dmt.checkpoint;

import org.jspecify.annotations.NullMarked;
